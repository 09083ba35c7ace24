"""Accounts that may put events on the bus: valid and invalid declarations."""

from typing import Any, Final

import pytest

from infra.constructs.environment import Environment
from infra.declarations.producers import Producer
from infra.declarations.spec import SpecError

SHOP: Final = {"account": "111122223333", "sources": ["shop", "shop.checkout"]}
CRM: Final = {"account": "444455556666", "sources": ["crm"]}
DEV: Final = {
    "removal_policy": "destroy",
    "log_level": "DEBUG",
    "log_retention": "TWO_WEEKS",
    "old_version_days": 7,
    "journal_days": 14,
}


def read(producers: object) -> tuple[Producer, ...]:
    """Return the producers of dev in cdk.json."""
    return Environment.read({"environments": {"dev": DEV | {"producers": producers}}}).producers


def test_each_account_has_its_own_sources() -> None:
    """In the order of cdk.json."""
    assert read([SHOP, CRM]) == (
        Producer(account="111122223333", sources=("shop", "shop.checkout")),
        Producer(account="444455556666", sources=("crm",)),
    )


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        (SHOP, "environments.dev.producers must be a list, not {"),
        (["shop"], "environments.dev.producers[0] must be a table, not 'shop'"),
    ],
)
def test_producers_of_another_shape_are_refused(listed: object, reason: str) -> None:
    """The error is one sentence."""
    with pytest.raises(SpecError) as refused:
        read(listed)
    assert str(refused.value).startswith(f"cdk.json: {reason}")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"acount": "1"}, "unknown key 'acount' in [environments.dev.producers[1]]; did you mean 'account'?"),
        ({"account": 444455556666}, "environments.dev.producers[1].account must be a text, not 444455556666"),
        (
            {"account": "4444-5555-6666"},
            "environments.dev.producers[1].account: '4444-5555-6666' is not an account ID of twelve digits",
        ),
        ({"account": "*"}, "environments.dev.producers[1].account: '*' is not an account ID of twelve digits"),
        (
            {"account": SHOP["account"]},
            "environments.dev.producers[1].account: 111122223333 is listed twice; write all its sources in o",
        ),
        ({"sources": []}, "environments.dev.producers[1].sources is empty; list at least one source"),
        ({"sources": "crm"}, "environments.dev.producers[1].sources must be a list, not 'crm'"),
        (
            {"sources": ["*"]},
            "environments.dev.producers[1].sources: '*' must be one source of letters, digits and . _ / -",
        ),
        ({"sources": ["crm?"]}, "environments.dev.producers[1].sources: 'crm?' must be one source"),
        (
            {"sources": ["${aws:username}"]},
            "environments.dev.producers[1].sources: '${aws:username}' must be one source",
        ),
        (
            {"sources": ["crm", "aws.s3"]},
            "environments.dev.producers[1].sources: 'aws.s3' is reserved: aws. is for AWS",
        ),
        (
            {"sources": ["AWS.s3"]},
            "environments.dev.producers[1].sources: 'AWS.s3' is reserved: aws. is for AWS",
        ),
        (
            {"sources": ["herald.notify"]},
            "environments.dev.producers[1].sources: 'herald.notify' is reserved: aws. is for AWS",
        ),
        (
            {"sources": ["shop"]},
            "environments.dev.producers[1].sources: 'shop' already belongs to account 111122223333",
        ),
    ],
)
def test_a_producer_with_invalid_or_foreign_sources_is_refused(changed: dict[str, Any], reason: str) -> None:
    """The message names the key in cdk.json and the fault."""
    with pytest.raises(SpecError) as refused:
        read([SHOP, CRM | changed])
    assert str(refused.value).startswith(f"cdk.json: {reason}")
