"""The policy of the bus, asserted on the template because the local AWS does not support it."""

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
    """Return the Allow statements of the policy with two producers."""
    app = synthesize(tmp_path_factory.mktemp("producers"), "dev", [], producers=[SHOP, CRM])
    return [each for each in policy(app) if each["Effect"] == "Allow"]


def policy(app: Synthesized) -> list[dict[str, Any]]:
    """Return the statements of the bus's policy; each is a resource."""
    policies = [each["Properties"] for each in app.resources("AWS::Events::EventBusPolicy", "bus-policy").values()]
    assert all(each["StatementId"] == each["Statement"]["Sid"] for each in policies)
    assert all("Bus" in json.dumps(each["EventBusName"]) for each in policies)
    return [each["Statement"] for each in policies]


def test_the_policy_allows_nothing_by_default(dev: Synthesized, prod: Synthesized) -> None:
    """Without producers, only IAM policies of the account allow PutEvents."""
    for app in (dev, prod):
        assert [each["Effect"] for each in policy(app)] == ["Deny"]


def test_only_functions_can_use_the_sources_of_functions(dev: Synthesized, prod: Synthesized) -> None:
    """The policy denies these sources to other roles, because consumers trust the source of an event."""
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
    """CloudFormation uses the id of a statement as the name of its resource, for all stacks and buses."""
    apps = [synthesize(tmp_path / name, name, [], producers=[SHOP]) for name in ("dev", "prod")]
    ids = [str(each["Sid"]) for app in apps for each in policy(app)]
    assert len(ids) == len(set(ids)) == 4


def test_the_policy_is_deployed_after_the_roles_that_it_allows(dev: Synthesized) -> None:
    """Deployed earlier, it would deny the events of functions whose roles do not have the path yet."""
    manifest = json.loads((dev.directory / "manifest.json").read_bytes())["artifacts"]
    before = set(manifest["herald-dev-bus-policy"]["dependencies"])
    assert before >= {name for name in dev.templates if name.startswith("herald-dev-functions-")}


def test_synthesis_warns_about_a_pattern_without_a_source(tmp_path: Path) -> None:
    """Every principal that can put events on the bus could invoke the function."""
    notify, maker = (each for each in loader.load() if each.name in {"notify", "summarise_test_report"})
    pattern = {"detail-type": ["report.published"]}
    app = synthesize(tmp_path, "dev", [replace(notify, trigger=replace(notify.trigger, pattern=pattern)), maker])
    text = "".join(path.read_text(encoding="utf-8") for path in app.directory.glob("*.json"))
    assert "functions/notify/function.toml: notify accepts report.published from any source: name its emitters" in text


def test_only_named_accounts_may_put_events(statements: list[dict[str, Any]]) -> None:
    """Each account has one statement, which allows only PutEvents on this bus."""
    assert [each["Effect"] for each in statements] == ["Allow", "Allow"]
    assert {each["Action"] for each in statements} == {"events:PutEvents"}
    named = [each["Principal"]["AWS"]["Fn::Join"][1] for each in statements]
    assert [parts[0] + parts[2] for parts in named] == [f"arn::iam::{each['account']}:root" for each in (SHOP, CRM)]
    assert all("Bus" in json.dumps(each["Resource"]) for each in statements)


def test_each_account_has_its_own_sources(statements: list[dict[str, Any]]) -> None:
    """All sources of a call must be in the account's list; `ForAllValues` alone also allows a call without a source."""
    for statement, producer in zip(statements, (SHOP, CRM), strict=True):
        condition = statement["Condition"]
        assert condition["Null"] == {"events:source": "false"}
        allowed = condition["ForAllValues:StringEquals"]["events:source"]
        assert ([allowed] if isinstance(allowed, str) else allowed) == producer["sources"]


def test_a_source_of_two_accounts_is_refused_at_synthesis(tmp_path: Path) -> None:
    """The error names the file and the key."""
    with pytest.raises(SpecError) as refused:
        synthesize(tmp_path, "dev", [], producers=[SHOP, CRM | {"sources": ["shop"]}])
    assert str(refused.value).startswith(
        "cdk.json: environments.dev.producers[1].sources: 'shop' already belongs to account 111122223333"
    )
