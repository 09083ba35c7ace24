"""What people hear of, and by which metric; the local AWS evaluates no alarm."""

import json
from typing import Any, Final

import pytest

from infra.declarations import loader
from tests.infrastructure.conftest import Synthesized

QUEUES: Final = [*(spec.name for spec in loader.load() if spec.queued), "journal"]
each_queue = pytest.mark.parametrize("name", QUEUES)


def alarm(app: Synthesized, name: str) -> dict[str, Any]:
    """Return the properties of an alarm, which publishes to `notices` and is silent where there is no data."""
    alarms = [each["Properties"] for each in app.resources("AWS::CloudWatch::Alarm").values()]
    (found,) = [each for each in alarms if each["AlarmName"] == name]
    assert "Notices" in json.dumps(found["AlarmActions"])
    assert found["TreatMissingData"] == "notBreaching"
    assert found["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    result: dict[str, Any] = found
    return result


def messages(found: dict[str, Any]) -> Any:  # noqa: ANN401 - a name, or a reference to one
    """Return the queue whose visible and in-flight messages an alarm adds up, minute by minute.

    A message that fails at every receive counts, in flight or not; a minute without a report counts as 0.
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
def test_a_dead_letter_is_heard_of_at_once(dev: Synthesized, name: str) -> None:
    """By the number of messages: the age leaves out what was received three times, and each look is a receive."""
    found = alarm(dev, f"herald-dev-{name}-dead-letters")
    assert (found["Threshold"], found["EvaluationPeriods"]) == (1, 1)
    assert messages(found) == f"herald-dev-{name}-dead"


def test_an_undelivered_event_is_heard_of_at_once(dev: Synthesized) -> None:
    """Also by the number of messages, of the queue in the storage stack."""
    found = alarm(dev, "herald-dev-undelivered")
    assert (found["Threshold"], found["EvaluationPeriods"]) == (1, 1)
    assert "Undelivered" in json.dumps(messages(found))


@each_queue
def test_a_queue_that_is_never_empty_is_heard_of_after_a_day(dev: Synthesized, name: str) -> None:
    """At 23 of 24 hours' minutes: SQS's numbers are approximate, and one minute of 0 must not begin the day anew."""
    found = alarm(dev, f"herald-dev-{name}-backlog")
    assert (found["Threshold"], found["EvaluationPeriods"], found["DatapointsToAlarm"]) == (1, 24 * 60, 23 * 60)
    assert messages(found) == f"herald-dev-{name}"


@each_queue
def test_an_old_message_is_heard_of_before_sqs_deletes_it(dev: Synthesized, name: str) -> None:
    """After half of the retention."""
    found = alarm(dev, f"herald-dev-{name}-oldest-message")
    assert (found["MetricName"], found["Statistic"]) == ("ApproximateAgeOfOldestMessage", "Maximum")
    assert found["Threshold"] == 7 * 86_400


def test_cloudwatch_may_publish_to_the_topic(dev: Synthesized) -> None:
    """CloudWatch of this account, and no other service."""
    (policy,) = dev.resources("AWS::SNS::TopicPolicy").values()
    allowed = [each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert [each["Principal"] for each in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]


def test_every_queue_has_its_alarms(dev: Synthesized) -> None:
    """A queue without one fills and is emptied by SQS in silence."""
    watched = json.dumps([each["Properties"] for each in dev.resources("AWS::CloudWatch::Alarm").values()])
    for name, queue in dev.resources("AWS::SQS::Queue").items():
        assert queue["Properties"].get("QueueName", name) in watched
