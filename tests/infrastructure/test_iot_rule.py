"""Rules of AWS IoT, asserted on the template where the local AWS checks nothing."""

import json
from typing import Any, Final

import pytest

from infra.declarations import loader, topic
from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized

SPECS: Final = [spec for spec in loader.load() if spec.trigger.iot]
each_topic = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)


def rule(app: Synthesized, spec: FunctionSpec) -> dict[str, Any]:
    """Return the payload of a function's rule."""
    (found,) = [
        each["Properties"]
        for each in app.resources("AWS::IoT::TopicRule").values()
        if each["Properties"]["RuleName"] == f"herald_dev_{spec.name}"
    ]
    payload: dict[str, Any] = found["TopicRulePayload"]
    return payload


def role(app: Synthesized, action: dict[str, Any]) -> dict[str, Any]:
    """Return the role of an action."""
    logical_id = action["Sqs"]["RoleArn"]["Fn::GetAtt"][0]
    described: dict[str, Any] = app.resources("AWS::IAM::Role")[logical_id]["Properties"]
    return described


def test_there_is_a_function_on_a_topic() -> None:
    """Without one, the other tests would be skipped."""
    assert SPECS


@each_topic
def test_a_rule_accepts_every_payload(dev: Synthesized, spec: FunctionSpec) -> None:
    """Its SQL uses no field of the payload, its version supports encode(), and the action does not encode again."""
    payload = rule(dev, spec)
    assert spec.trigger.iot
    assert payload["Sql"] == topic.sql(spec.trigger.iot.topic)
    assert payload["AwsIotSqlVersion"] == "2016-03-23"
    (action,) = payload["Actions"]
    assert action["Sqs"]["UseBase64"] is payload["ErrorAction"]["Sqs"]["UseBase64"] is False


@each_topic
def test_a_rule_sends_to_its_queue_and_fails_into_the_undelivered(dev: Synthesized, spec: FunctionSpec) -> None:
    """Each action has a role that only this rule can assume and that can only send to one queue."""
    payload = rule(dev, spec)
    (action,) = payload["Actions"]
    for each, queue in ((action, "DeliveryIntakeQueue"), (payload["ErrorAction"], "Undelivered")):
        assert queue in json.dumps(each["Sqs"]["QueueUrl"])
        described = role(dev, each)
        (policy,) = described["Policies"]
        (allowed,) = policy["PolicyDocument"]["Statement"]
        assert (allowed["Effect"], allowed["Action"]) == ("Allow", "sqs:SendMessage")
        assert queue in json.dumps(allowed["Resource"])
        assert "ManagedPolicyArns" not in described
        (trust,) = described["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "iot.amazonaws.com"}
        assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert f":rule/herald_dev_{spec.name}" in json.dumps(trust["Condition"]["ArnEquals"]["aws:SourceArn"])


@each_topic
def test_a_function_with_a_topic_has_no_eventbridge_rule(dev: Synthesized, spec: FunctionSpec) -> None:
    """Its messages come only through AWS IoT."""
    names = [each["Properties"]["Name"] for each in dev.resources("AWS::Events::Rule").values()]
    assert not [name for name in names if name.startswith(f"herald-dev-{spec.name}-")]
