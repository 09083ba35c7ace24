"""Alarms on queues: they notify people when events wait too long, and before SQS deletes a message.

The alarms have stacks of their own and refer to queues by name, because the local AWS does not support alarms on metric
math. Source of the metrics, their dimension and units: "Available CloudWatch metrics for Amazon SQS", Amazon SQS
Developer Guide.
"""

from collections.abc import Iterator
from typing import Final

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import ComparisonOperator, MathExpression, Metric

from infra.constructs.observability.alarm import MINUTE, AlarmDefinition, Condition, metric
from infra.constructs.resources import RETENTION

# SQS deletes a message at the end of the retention period.
OLDEST: Final = Duration.days(RETENTION.to_days() / 2)
# CloudWatch evaluates periods of less than an hour for at most one day (PutMetricAlarm, Amazon CloudWatch API
# Reference). Not all minutes must count: SQS's numbers are approximate, and the latest minute may not be reported yet.
BACKLOG: Final = Duration.days(1)
BACKLOG_MINUTES: Final = 23 * 60
# Source: "Amazon SQS standard queue quotas", Amazon SQS Developer Guide. Messages that wait for a retry are in flight.
MOST_IN_FLIGHT: Final = 120_000
NEAR: Final = 0.8


def of_queue(queue: str, start_within_seconds: int | None) -> Iterator[AlarmDefinition]:
    """Yield the alarms on a queue and on its dead-letter queue."""
    yield holds_message("dead-letters", f"{queue}-dead")
    if start_within_seconds is not None:
        yield _backlog_age(queue, start_within_seconds)
    yield _oldest_message(queue)
    yield _backlog(queue)
    yield _in_flight(queue)


def holds_message(kind: str, queue: str) -> AlarmDefinition:
    """Return an alarm on a queue that should be empty: it has a message, visible or in flight.

    In-flight messages count because every command that shows dead letters receives them. The age of the oldest message
    would not do: SQS leaves out messages received three times or more, and each `herald dlq list`, `show` or
    `redrive --dry-run` is a receive. One period suffices: a message does not leave such a queue by itself.
    """
    return AlarmDefinition(
        kind=kind,
        text=f"{queue} has a message: find the reason with `herald dlq list`, fix the cause, and run "
        "`herald dlq redrive`.",
        metric=_messages(queue),
        when=Condition(threshold=1, periods=1, needed=1),
    )


def _backlog_age(queue: str, seconds: int) -> AlarmDefinition:
    """Return the alarm on the promise start_within; it does not see messages that were received three times or more.

    These have started. The alarms `failure-rate` and `dead-letters` see them.
    """
    return AlarmDefinition(
        kind="backlog-age",
        text=f"An event has waited in {queue} for more than {seconds:,} seconds, the objective start_within: check "
        "whether its function is paused, fails, or needs a higher maximum concurrency.",
        metric=_metric("ApproximateAgeOfOldestMessage", queue),
        when=Condition(threshold=seconds, comparison=ComparisonOperator.GREATER_THAN_THRESHOLD),
    )


def _oldest_message(queue: str) -> AlarmDefinition:
    """Return the alarm on messages that SQS deletes in a week; one period suffices, because the age only grows."""
    days = OLDEST.to_days()
    return AlarmDefinition(
        kind="oldest-message",
        construct_id="Oldest",
        text=f"A message has waited {days:.0f} days in {queue}: find out why it is not processed before SQS "
        f"deletes it at {2 * days:.0f} days.",
        metric=_metric("ApproximateAgeOfOldestMessage", queue, Duration.hours(1)),
        when=Condition(threshold=OLDEST.to_seconds(), periods=1, needed=1),
    )


def _backlog(queue: str) -> AlarmDefinition:
    """Return the alarm on a queue that is not empty for a day, which a few periods could not show."""
    return AlarmDefinition(
        kind="backlog",
        text=f"{queue} had messages in {BACKLOG_MINUTES // 60} of the last 24 hours: check whether its "
        "function fails, is throttled, or needs a higher maximum concurrency.",
        metric=_messages(queue),
        when=Condition(threshold=1, periods=int(BACKLOG.to_minutes()), needed=BACKLOG_MINUTES),
    )


def _in_flight(queue: str) -> AlarmDefinition:
    return AlarmDefinition(
        kind="in-flight",
        text=f"{queue} has more than {NEAR:.0%} of the {MOST_IN_FLIGHT:,} messages that may be in flight: find out why "
        "so many events wait for a retry, and pause the function if a downstream service is down.",
        metric=_metric("ApproximateNumberOfMessagesNotVisible", queue),
        when=Condition(threshold=NEAR * MOST_IN_FLIGHT, comparison=ComparisonOperator.GREATER_THAN_THRESHOLD),
    )


def _messages(queue: str) -> MathExpression:
    """Return the number of messages that are visible or in flight, including messages that fail at every receive.

    The sum is taken each minute: over a longer period, a message that is visible in one minute and in flight in the
    next would give both metrics a minimum of 0. FILL is needed because SQS reports messages in flight only while there
    are any. Source: "Available CloudWatch metrics for Amazon SQS", Amazon SQS Developer Guide.
    """
    return MathExpression(
        expression="FILL(visible, 0) + FILL(inFlight, 0)",
        using_metrics={
            "visible": _metric("ApproximateNumberOfMessagesVisible", queue),
            "inFlight": _metric("ApproximateNumberOfMessagesNotVisible", queue),
        },
        label=f"messages in {queue}",
        period=MINUTE,
    )


def _metric(name: str, queue: str, period: Duration = MINUTE) -> Metric:
    """Return a metric of a queue; SQS reports one value per minute."""
    return metric("AWS/SQS", name, "Maximum", {"QueueName": queue}, period)
