"""Who may put events on the bus, on the template: the local AWS knows no policy of a bus."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from infra.declarations import loader
from infra.declarations.spec import SpecError
from tests.infrastructure.conftest import Synthesized, synthesize

SHOP: Final = {"account": "111122223333", "sources": ["shop", "shop.checkout"]}
CRM: Final = {"account": "444455556666", "sources": ["crm"]}


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what the policy of the bus says with two producers."""
    app = synthesize(tmp_path_factory.mktemp("producers"), "dev", [], producers=[SHOP, CRM])
    return [each for each in policy(app) if each["Effect"] == "Allow"]


def policy(app: Synthesized) -> list[dict[str, Any]]:
    """Return the statements of the bus's policy, each of which is a resource."""
    policies = [each["Properties"] for each in app.resources("AWS::Events::EventBusPolicy", "bus-policy").values()]
    assert all(each["StatementId"] == each["Statement"]["Sid"] for each in policies)
    assert all("Bus" in json.dumps(each["EventBusName"]) for each in policies)
    return [each["Statement"] for each in policies]


def test_nobody_else_is_let_in_by_default(dev: Synthesized, prod: Synthesized) -> None:
    """Without producers the policy allows nothing, and the account's own IAM decides alone."""
    for app in (dev, prod):
        assert [each["Effect"] for each in policy(app)] == ["Deny"]


def test_nobody_but_functions_uses_the_sources_of_functions(dev: Synthesized, prod: Synthesized) -> None:
    """Whatever a role's own policy allows: consumers tell a function's event by its source."""
    for app, name in ((dev, "dev"), (prod, "prod")):
        (deny,) = policy(app)
        assert (deny["Principal"], deny["Action"]) == ({"AWS": "*"}, "events:PutEvents")
        assert deny["Condition"]["ForAnyValue:StringLike"] == {"events:source": "herald.*"}
        arn = deny["Condition"]["ArnNotLike"]["aws:PrincipalArn"]["Fn::Join"][1]
        assert arn[0] + arn[2] == "arn::iam::"
        assert arn[-1] == f":role/herald/{name}/functions/*"
        roles = [each["Properties"] for each in app.resources("AWS::IAM::Role", "functions-").values()]
        paths = [each["Path"] for each in roles if "lambda" in json.dumps(each["AssumeRolePolicyDocument"])]
        assert set(paths) == {f"/herald/{name}/functions/"}
        assert len(paths) == len(app.resources("AWS::Lambda::Function", "functions-"))


def test_two_environments_of_an_account_have_statements_of_their_own(tmp_path: Path) -> None:
    """CloudFormation takes a statement's id for the name of the resource, in all stacks and on all buses."""
    apps = [synthesize(tmp_path / name, name, [], producers=[SHOP]) for name in ("dev", "prod")]
    ids = [str(each["Sid"]) for app in apps for each in policy(app)]
    assert len(ids) == len(set(ids)) == 4


def test_the_policy_comes_after_the_roles_that_it_lets_through(dev: Synthesized) -> None:
    """Before that, it would deny the events of functions that are not deployed anew yet."""
    manifest = json.loads((dev.directory / "manifest.json").read_bytes())["artifacts"]
    before = set(manifest["herald-dev-bus-policy"]["dependencies"])
    assert before >= {name for name in dev.templates if name.startswith("herald-dev-functions-")}


def test_synthesis_warns_of_a_consumer_that_takes_any_source(tmp_path: Path) -> None:
    """Anybody who may put events on the bus could run it with an event of his own making."""
    notify, maker = (each for each in loader.load() if each.name in {"notify", "summarise_test_report"})
    pattern = {"detail-type": ["report.published"]}
    app = synthesize(tmp_path, "dev", [replace(notify, trigger=replace(notify.trigger, pattern=pattern)), maker])
    told = "".join(path.read_text(encoding="utf-8") for path in app.directory.glob("*.json"))
    assert "functions/notify/function.toml: notify accepts report.published from any source: name its emitters" in told


def test_only_named_accounts_may_put_events(statements: list[dict[str, Any]]) -> None:
    """Nothing but PutEvents, on this bus alone, for each account once."""
    assert [each["Effect"] for each in statements] == ["Allow", "Allow"]
    assert {each["Action"] for each in statements} == {"events:PutEvents"}
    named = [each["Principal"]["AWS"]["Fn::Join"][1] for each in statements]
    assert [parts[0] + parts[2] for parts in named] == [f"arn::iam::{each['account']}:root" for each in (SHOP, CRM)]
    assert all("Bus" in json.dumps(each["Resource"]) for each in statements)


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
    assert str(refused.value).startswith(
        "cdk.json: environments.dev.producers[1].sources: 'shop' already belongs to account 111122223333"
    )
