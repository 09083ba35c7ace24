"""Function URLs."""

import json

from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.lookups import (
    actions,
    each_answering,
    statements,
)


@each_answering
def test_an_endpoint_has_a_public_url_with_a_limited_rate(dev: Synthesized, spec: FunctionSpec) -> None:
    """Lambda requires no credentials, CORS is off, reserved concurrency limits the rate; an output has the URL."""
    functions = dev.resources("AWS::Lambda::Function", f"functions-{spec.owner}")
    (name,) = [key for key, each in functions.items() if each["Properties"]["Handler"].split(".")[1] == spec.name]
    urls = [each["Properties"] for each in dev.resources("AWS::Lambda::Url").values()]
    (url,) = [each for each in urls if name in json.dumps(each["TargetFunctionArn"])]
    assert url == {"AuthType": "NONE", "TargetFunctionArn": {"Fn::GetAtt": [name, "Arn"]}}
    described, http = functions[name]["Properties"], spec.trigger.http
    assert http
    assert described["ReservedConcurrentExecutions"] == http.max_concurrency
    variables = described["Environment"]["Variables"]
    assert variables["HERALD_MAX_BODY_KB"] == str(http.max_body_kb)
    senders = json.loads(variables["HERALD_SENDERS"])
    assert {name: tuple(each["types"]) for name, each in senders.items()} == {
        name: each.types for name, each in http.senders.items()
    }
    assert "FunctionUrl" in json.dumps(dev.templates[f"herald-dev-functions-{spec.owner}"]["Outputs"])


@each_answering
def test_an_endpoint_has_no_queue(dev: Synthesized, spec: FunctionSpec) -> None:
    """It has neither a queue nor a dead-letter queue nor a rule."""
    names = {each["Properties"].get("QueueName") for each in dev.resources("AWS::SQS::Queue").values()}
    assert not [name for name in names if f"herald-dev-{spec.name}" in str(name)]
    rules = dev.resources("AWS::Events::Rule").values()
    assert not [rule for rule in rules if rule["Properties"]["Name"].startswith(f"herald-dev-{spec.name}-")]


@each_answering
def test_an_endpoint_uses_the_ledger_for_its_steps_alone(dev: Synthesized, spec: FunctionSpec) -> None:
    """It has no runs, so it can only make the item calls of steps."""
    granted = {action for each in statements(dev, spec) for action in actions(each) if action.startswith("dynamodb:")}
    assert granted == {f"dynamodb:{name}Item" for name in ("Get", "Put", "Update", "Delete")}
