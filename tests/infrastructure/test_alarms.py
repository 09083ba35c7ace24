"""The alarms on queues, asserted on the templates because the local AWS does not evaluate alarms."""

import json
from typing import Any, Final

import pytest

from infra.declarations import loader
from tests.infrastructure.conftest import Synthesized

QUEUES: Final = [*(spec.name for spec in loader.load() if spec.queued), "journal"]
each_queue = pytest.mark.parametrize("name", QUEUES)


def alarm(app: Synthesized, name: str) -> dict[str, Any]:
    """Return the properties of an alarm; it notifies through its composite, and missing data does not breach it."""
    alarms = [each["Properties"] for each in app.resources("AWS::CloudWatch::Alarm").values()]
    (found,) = [each for each in alarms if each["AlarmName"] == name]
    composites = [each["Properties"] for each in app.resources("AWS::CloudWatch::CompositeAlarm").values()]
    (composite,) = [each for each in composites if f'ALARM("{name}")' in each["AlarmRule"]]
    assert "Notices" in json.dumps(composite["AlarmActions"])
    assert found["TreatMissingData"] == "notBreaching"
    assert found["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    result: dict[str, Any] = found
    return result


def messages(found: dict[str, Any]) -> Any:  # noqa: ANN401 - a name, or a reference to one
    """Return the queue of an alarm on the sum of visible and in-flight messages of each minute.

    A message that fails at every receive counts. A minute without data counts as 0.
    """
    (total,) = [each for each in found["Metrics"] if "Expression" in each]
    parts = {each["Id"]: each["MetricStat"] for each in found["Metrics"] if "MetricStat" in each}
    assert total["Expression"] == "FILL(visible, 0) + FILL(inFlight, 0)"
    assert {key: (each["Metric"]["MetricName"], each["Period"]) for key, each in parts.items()} == {
        "visible": ("ApproximateNumberOfMessagesVisible", 60),
        "inFlight": ("ApproximateNumberOfMessagesNotVisible", 60),
    }
    first, second = (each["Metric"]["Dimensions"] for each in parts.values())
    assert first == second
    ((dimension,),) = (first,)
    assert dimension["Name"] == "QueueName"
    return dimension["Value"]


@each_queue
def test_one_dead_letter_raises_an_alarm(dev: Synthesized, name: str) -> None:
    """The metric is the number of messages: the age leaves out messages received three times or more."""
    found = alarm(dev, f"herald-dev-{name}-dead-letters")
    assert (found["Threshold"], found["EvaluationPeriods"]) == (1, 1)
    assert messages(found) == f"herald-dev-{name}-dead"


def test_one_undelivered_event_raises_an_alarm(dev: Synthesized) -> None:
    """The metric is the number of messages in the queue of the storage stack."""
    found = alarm(dev, "herald-dev-undelivered")
    assert (found["Threshold"], found["EvaluationPeriods"]) == (1, 1)
    assert "Undelivered" in json.dumps(messages(found))


@each_queue
def test_a_queue_with_messages_for_a_day_raises_an_alarm(dev: Synthesized, name: str) -> None:
    """23 of 24 hours suffice: SQS's numbers are approximate, and one minute of 0 must not reset the alarm."""
    found = alarm(dev, f"herald-dev-{name}-backlog")
    assert (found["Threshold"], found["EvaluationPeriods"], found["DatapointsToAlarm"]) == (1, 24 * 60, 23 * 60)
    assert messages(found) == f"herald-dev-{name}"


@each_queue
def test_an_old_message_raises_an_alarm_before_sqs_deletes_it(dev: Synthesized, name: str) -> None:
    """The threshold is half of the retention period."""
    found = alarm(dev, f"herald-dev-{name}-oldest-message")
    assert (found["MetricName"], found["Statistic"]) == ("ApproximateAgeOfOldestMessage", "Maximum")
    assert found["Threshold"] == 7 * 86_400


def test_cloudwatch_may_publish_to_the_topic(dev: Synthesized) -> None:
    """The topic allows CloudWatch of this account and no other service."""
    (policy,) = dev.resources("AWS::SNS::TopicPolicy").values()
    allowed = [each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert [each["Principal"] for each in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]


def test_every_queue_has_its_alarms(dev: Synthesized) -> None:
    """Without an alarm, SQS would delete messages at the end of their retention unnoticed."""
    watched = json.dumps([each["Properties"] for each in dev.resources("AWS::CloudWatch::Alarm").values()])
    for name, queue in dev.resources("AWS::SQS::Queue").items():
        assert queue["Properties"].get("QueueName", name) in watched
