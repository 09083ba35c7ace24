"""Which accounts may put events on the bus, and which wishes are refused with which words."""

from typing import Any, Final

import pytest

from infra import producers
from infra.producers import Producer
from infra.spec import SpecError

SHOP: Final = {"account": "111122223333", "sources": ["shop", "shop.checkout"]}
CRM: Final = {"account": "444455556666", "sources": ["crm"]}


def test_each_account_has_its_own_sources() -> None:
    """As cdk.json lists them."""
    assert producers.read([SHOP, CRM], "producers") == (
        Producer(account="111122223333", sources=("shop", "shop.checkout")),
        Producer(account="444455556666", sources=("crm",)),
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"acount": "1"}, "unknown key 'acount' in [dev.producers[1]]; did you mean 'account'?"),
        ({"account": 444455556666}, "dev.producers[1].account must be a text, not 444455556666"),
        (
            {"account": "4444-5555-6666"},
            "dev.producers[1].account: '4444-5555-6666' is not the twelve digits of an acc",
        ),
        ({"account": "*"}, "dev.producers[1].account: '*' is not the twelve digits of an account"),
        (
            {"account": SHOP["account"]},
            "dev.producers[1].account: 111122223333 is listed twice: give it one list of so",
        ),
        ({"sources": []}, "dev.producers[1].sources is empty: name at least one"),
        ({"sources": "crm"}, "dev.producers[1].sources must be a list, not 'crm'"),
        ({"sources": ["*"]}, "dev.producers[1].sources: '*' must be one source, of letters, digits and . _ / -"),
        ({"sources": ["crm?"]}, "dev.producers[1].sources: 'crm?' must be one source"),
        ({"sources": ["${aws:username}"]}, "dev.producers[1].sources: '${aws:username}' must be one source"),
        ({"sources": ["crm", "aws.s3"]}, "dev.producers[1].sources: 'aws.s3' is not an account's own"),
        ({"sources": ["AWS.s3"]}, "dev.producers[1].sources: 'AWS.s3' is not an account's own"),
        ({"sources": ["herald.notify"]}, "dev.producers[1].sources: 'herald.notify' is not an account's own"),
        ({"sources": ["shop"]}, "dev.producers[1].sources: 'shop' is 111122223333's already: a source has one account"),
    ],
)
def test_a_wish_that_would_let_one_speak_for_another_is_refused(changed: dict[str, Any], reason: str) -> None:
    """The sentence names the place in cdk.json and what is wrong there."""
    with pytest.raises(SpecError) as refused:
        producers.read([SHOP, CRM | changed], "dev.producers")
    assert str(refused.value).startswith(reason)
