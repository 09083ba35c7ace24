"""The policies of queues; a rule is created after the policy that allows it to send."""

import json
from typing import Any, Final

from infra.declarations import loader
from tests.infrastructure.conftest import Synthesized

SPECS: Final = loader.load()


def allowed(app: Synthesized, stack: str = "") -> list[dict[str, Any]]:
    """Return the Allow statements of queue policies."""
    return [
        statement
        for policy in app.resources("AWS::SQS::QueuePolicy", stack).values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]


def test_only_rules_may_send_to_queues(dev: Synthesized) -> None:
    """Policies allow only EventBridge, for named rules of this account; rules of AWS IoT send with roles."""
    by_rule = [spec for spec in SPECS if spec.trigger.pattern]
    assert len(allowed(dev)) == len(by_rule) + 2  # the queue of the journal, and `undelivered`
    for statement in allowed(dev):
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert statement["Action"] == "sqs:SendMessage"
        conditions = {key for operator in statement["Condition"].values() for key in operator}
        assert conditions == {"aws:SourceAccount", "aws:SourceArn"}


def arns(statement: dict[str, Any]) -> list[str]:
    """Return the rules that a statement allows: the part of the ARN after `rule/`, with references as `<name>`."""
    (condition,) = [each["aws:SourceArn"] for each in statement["Condition"].values() if "aws:SourceArn" in each]
    listed = condition if isinstance(condition, list) else [condition]
    parts = [each["Fn::Join"][1] for each in listed]
    texts = [
        "".join(each if isinstance(each, str) else f"<{next(iter(each.values()))}>" for each in one) for one in parts
    ]
    assert all(text.startswith("arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:rule/") for text in texts)
    return [text.partition(":rule/")[2] for text in texts]


def sends_to_queue(rule: dict[str, Any]) -> bool:
    """Return whether a rule sends to a queue; the rule of deployments writes to a log group."""
    return [target["Id"] for target in rule["Properties"]["Targets"]] == ["queue"]


def test_a_rule_is_created_after_the_policy_of_its_queue(dev: Synthesized) -> None:
    """EventBridge does not retry a denied delivery: the event would go to `undelivered`."""
    for name, template in dev.templates.items():
        resources = template["Resources"]
        rules = {
            key: each for key, each in resources.items() if each["Type"] == "AWS::Events::Rule" and sends_to_queue(each)
        }
        for rule in rules.values():
            (target,) = rule["Properties"]["Targets"]
            (policy,) = [
                key
                for key, each in resources.items()
                if each["Type"] == "AWS::SQS::QueuePolicy"
                and {"Ref": target["Arn"]["Fn::GetAtt"][0]} in each["Properties"]["Queues"]
            ]
            assert policy in rule["DependsOn"]
            assert not any(key in json.dumps(resources[policy]) for key in rules), name


def test_a_queue_allows_only_its_own_rules(dev: Synthesized) -> None:
    """Policies contain whole ARNs; the ARN has the name of the bus unless it is the default bus."""
    rules = [each["Properties"] for each in dev.resources("AWS::Events::Rule").values() if sends_to_queue(each)]
    names = {each["Name"] for each in rules}
    named = [arn for statement in allowed(dev, "functions-") + allowed(dev, "journal") for arn in arns(statement)]
    assert sorted(arn.rpartition("/")[2] for arn in named) == sorted(names)
    for arn in named:
        bus, _, name = arn.rpartition("/")
        assert bool(bus) == name.endswith("-herald")


def test_only_rules_of_the_environment_send_to_the_undelivered(dev: Synthesized) -> None:
    """The policy has the prefix of the environment, for the default bus and for the environment's bus."""
    (statement,) = allowed(dev, "storage")
    assert arns(statement) == ["herald-dev-*", "herald-dev/herald-dev-*"]
    for rule in dev.resources("AWS::Events::Rule").values():
        assert rule["Properties"]["Name"].startswith("herald-dev-")
