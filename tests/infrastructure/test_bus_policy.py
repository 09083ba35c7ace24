"""Who may put events on the bus, on the template: the local AWS knows no policy of a bus."""

from pathlib import Path
from typing import Any, Final

import pytest

from infra.spec import SpecError
from tests.infrastructure.conftest import Synthesized, synthesize

SHOP: Final = {"account": "111122223333", "sources": ["shop", "shop.checkout"]}
CRM: Final = {"account": "444455556666", "sources": ["crm"]}


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what the policy of the bus says with two producers."""
    app = synthesize(tmp_path_factory.mktemp("producers"), "dev", [], producers=[SHOP, CRM])
    policies = [each["Properties"] for each in app.resources("AWS::Events::EventBusPolicy").values()]
    assert all(policy["EventBusName"] == {"Ref": policy["EventBusName"]["Ref"]} for policy in policies)
    return [policy["Statement"] for policy in policies]


def test_nobody_else_is_let_in_by_default(dev: Synthesized, prod: Synthesized) -> None:
    """Without producers there is no policy, and the account's own IAM decides alone."""
    assert dev.resources("AWS::Events::EventBusPolicy") == prod.resources("AWS::Events::EventBusPolicy") == {}


def test_only_named_accounts_may_put_events(statements: list[dict[str, Any]]) -> None:
    """Nothing but PutEvents, on this bus alone, for each account once."""
    assert [each["Effect"] for each in statements] == ["Allow", "Allow"]
    assert {each["Action"] for each in statements} == {"events:PutEvents"}
    named = [each["Principal"]["AWS"]["Fn::Join"][1] for each in statements]
    assert [parts[0] + parts[2] for parts in named] == [f"arn::iam::{each['account']}:root" for each in (SHOP, CRM)]
    assert all("Bus" in each["Resource"]["Fn::GetAtt"][0] for each in statements)


def test_each_account_only_under_its_own_sources(statements: list[dict[str, Any]]) -> None:
    """All sources of a call must be in its list, and there must be one: `ForAllValues` alone takes none for all."""
    for statement, producer in zip(statements, (SHOP, CRM), strict=True):
        condition = statement["Condition"]
        assert condition["Null"] == {"events:source": "false"}
        allowed = condition["ForAllValues:StringEquals"]["events:source"]
        assert ([allowed] if isinstance(allowed, str) else allowed) == producer["sources"]


def test_a_source_of_two_accounts_is_refused_at_synthesis(tmp_path: Path) -> None:
    """The sentence names the file, the environment and the place."""
    with pytest.raises(SpecError) as refused:
        synthesize(tmp_path, "dev", [], producers=[SHOP, CRM | {"sources": ["shop"]}])
    assert str(refused.value).startswith("cdk.json: environments.dev.producers[1].sources: 'shop' is 111122223333's")
