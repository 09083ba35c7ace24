"""The role of the widget reads what answers need, and changes nothing but the dead letters of a redrive."""

import json
from typing import Any, Final

from tests.infrastructure.conftest import Synthesized

# Everything that the widget calls. A new action needs a reason in infra/constructs/widget/widget_role.py.
READING: Final = {
    "cloudformation:DescribeStacks",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "lambda:GetFunctionConfiguration",
    "lambda:ListEventSourceMappings",
    "logs:FilterLogEvents",
    "s3:GetObject",
    "s3:ListBucket",
    "sqs:GetQueueAttributes",
    "sqs:ListQueues",
}
REDRIVING: Final = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:SendMessage"}
# What each function has: its own log group, and X-Ray.
OWN: Final = {
    *("logs:CreateLogStream", "logs:PutLogEvents"),
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
}

type Statement = dict[str, Any]


def statements(app: Synthesized) -> list[Statement]:
    """Return the statements of the policies in the dashboard's stack that roles have."""
    policies = app.resources("AWS::IAM::Policy", "-dashboard").values()
    return [each for policy in policies for each in policy["Properties"]["PolicyDocument"]["Statement"]]


def actions(statement: Statement) -> set[str]:
    """Return the actions of a statement."""
    found = statement["Action"]
    return {found} if isinstance(found, str) else set(found)


def resources(app: Synthesized, action: str) -> str:
    """Return the resources of an action as JSON."""
    return json.dumps([each["Resource"] for each in statements(app) if action in actions(each)])


def test_the_role_allows_these_actions_only(dev: Synthesized) -> None:
    """No write to the ledger, to objects, to functions or to the bus."""
    assert set().union(*map(actions, statements(dev))) == READING | REDRIVING | OWN
    assert {each["Effect"] for each in statements(dev)} == {"Allow"}


def test_a_redrive_has_statements_of_its_own(dev: Synthesized) -> None:
    """A reader of the role sees the changes at once."""
    named = {each["Sid"]: actions(each) for each in statements(dev) if "Sid" in each}
    assert set().union(*named.values()) == REDRIVING
    for each in statements(dev):
        assert "Sid" in each or not actions(each) & REDRIVING


def test_messages_are_received_from_dead_letter_queues_only(dev: Synthesized) -> None:
    """And from `undelivered`; the names of queues begin with those of the environment."""
    received = resources(dev, "sqs:ReceiveMessage")
    assert ":herald-dev-*-dead" in received
    assert ':herald-dev-*"' not in received
    assert "Undelivered" in received
    assert ':herald-dev-*"' in resources(dev, "sqs:SendMessage")


def test_objects_are_read_from_the_journal_only(dev: Synthesized) -> None:
    """Neither their contents nor their metadata are read from the buckets of data."""
    read = resources(dev, "s3:GetObject")
    assert read.count("StorageJournal") == read.count("Fn::ImportValue") == 2
    assert "/events/*" in read
    assert "/dead-letters/*" in read
    (listed,) = [each for each in statements(dev) if "s3:ListBucket" in actions(each)]
    assert listed["Condition"] == {"StringLike": {"s3:prefix": ["events/*"]}}


def test_every_other_resource_has_the_name_of_the_environment(dev: Synthesized) -> None:
    """Only the actions that support no resource-level permissions have all resources."""
    anywhere = [actions(each) for each in statements(dev) if each["Resource"] == "*"]
    assert set().union(*anywhere) == {
        *("lambda:ListEventSourceMappings", "sqs:ListQueues"),
        *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
    }
    assert ":log-group:/aws/lambda/herald-dev-*" in resources(dev, "logs:FilterLogEvents")
    assert ":function:herald-dev-*" in resources(dev, "lambda:GetFunctionConfiguration")
    assert ":stack/herald-dev-storage/*" in resources(dev, "cloudformation:DescribeStacks")
