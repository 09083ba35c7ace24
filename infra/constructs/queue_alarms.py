"""CloudWatch alarms on queues: they notify people before SQS deletes a message.

The alarms have stacks of their own and refer to queues by name, because the local AWS does not support alarms on metric
math. Source of the metrics and their units: "Available CloudWatch metrics for Amazon SQS", Amazon SQS Developer Guide.
"""

from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Alarm, ComparisonOperator, IMetric, MathExpression, Metric, TreatMissingData
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from infra.constructs.resources import RETENTION

MINUTE: Final = Duration.minutes(1)
# SQS deletes a message at the end of the retention period.
OLDEST: Final = Duration.days(RETENTION.to_days() / 2)
# CloudWatch evaluates periods of less than an hour for at most one day (PutMetricAlarm, Amazon CloudWatch API
# Reference). Not all minutes must count: SQS's numbers are approximate, and the latest minute may not be reported yet.
BACKLOG: Final = Duration.days(1)
BACKLOG_MINUTES: Final = 23 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The condition of an alarm: the metric is at least `threshold` in `needed` of the last `periods`.

    `needed` is all of them by default.
    """

    threshold: float = 1
    periods: int = 1
    needed: int | None = None


class QueueAlarms(Construct):
    """The alarms of one queue and its dead-letter queue."""

    def __init__(self, scope: Construct, construct_id: str, *, queue: str, topic: ITopic) -> None:
        """Create the alarms for the queue with this name."""
        super().__init__(scope, construct_id)
        days = OLDEST.to_days()
        _alarm(
            self,
            "Oldest",
            name=f"{queue}-oldest-message",
            description=f"A message has waited {days:.0f} days in {queue}: find out why it is not processed before SQS "
            f"deletes it at {2 * days:.0f} days.",
            metric=_metric("ApproximateAgeOfOldestMessage", queue, Duration.hours(1)),
            when=When(threshold=OLDEST.to_seconds()),
            topic=topic,
        )
        _alarm(
            self,
            "Backlog",
            name=f"{queue}-backlog",
            description=f"{queue} had messages in {BACKLOG_MINUTES // 60} of the last 24 hours: check whether its "
            "function fails, is throttled, or needs a higher maximum concurrency.",
            metric=_messages(queue),
            when=When(periods=int(BACKLOG.to_minutes()), needed=BACKLOG_MINUTES),
            topic=topic,
        )
        alarm_on_messages(self, "DeadLetters", name=f"{queue}-dead-letters", queue=f"{queue}-dead", topic=topic)


def alarm_on_messages(scope: Construct, construct_id: str, *, name: str, queue: str, topic: ITopic) -> None:
    """Create an alarm for a queue that should be empty: it has a message, visible or in flight.

    In-flight messages count because every command that shows dead letters receives them. The age of the oldest message
    would not do: SQS leaves out messages received three times or more, and each `herald dlq list`, `show` or
    `redrive --dry-run` is a receive.
    """
    _alarm(
        scope,
        construct_id,
        name=name,
        description=f"{queue} has a message: find the reason with `herald dlq list`, fix the cause, and run "
        "`herald dlq redrive`.",
        metric=_messages(queue),
        topic=topic,
    )


def _alarm(
    scope: Construct,
    construct_id: str,
    *,
    name: str,
    description: str,
    metric: IMetric,
    when: When = When(),
    topic: ITopic,
) -> None:
    """Create an alarm that publishes to the topic; missing data does not breach it."""
    alarm = Alarm(
        scope,
        construct_id,
        alarm_name=name,
        alarm_description=description,
        metric=metric,
        threshold=when.threshold,
        evaluation_periods=when.periods,
        datapoints_to_alarm=when.needed,
        comparison_operator=ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=TreatMissingData.NOT_BREACHING,
    )
    alarm.add_alarm_action(SnsAction(topic))


def _messages(queue: str) -> MathExpression:
    """Return the number of messages that are visible or in flight, including messages that fail at every receive.

    The sum is taken each minute: over a longer period, a message that is visible in one minute and in flight in the
    next would give both metrics a minimum of 0. FILL is needed because SQS reports messages in flight only while there
    are any. Source: "Available CloudWatch metrics for Amazon SQS", Amazon SQS Developer Guide.
    """
    return MathExpression(
        expression="FILL(visible, 0) + FILL(inFlight, 0)",
        using_metrics={
            "visible": _metric("ApproximateNumberOfMessagesVisible", queue, MINUTE),
            "inFlight": _metric("ApproximateNumberOfMessagesNotVisible", queue, MINUTE),
        },
        label=f"messages in {queue}",
        period=MINUTE,
    )


def _metric(name: str, queue: str, period: Duration) -> Metric:
    """Return a metric of a queue; SQS reports one value per minute."""
    return Metric(
        namespace="AWS/SQS", metric_name=name, dimensions_map={"QueueName": queue}, period=period, statistic="Maximum"
    )
