"""CloudWatch alarms on queues: what people hear of before SQS deletes a message.

The alarms are in stacks of their own and know queues by their names, because the local AWS refuses alarms on metric
math. Names and units of the metrics: "Available CloudWatch metrics for Amazon SQS", Amazon SQS Developer Guide.
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
# A message that waits for the whole retention is deleted by SQS.
OLDEST: Final = Duration.days(RETENTION.to_days() / 2)
# The longest that CloudWatch evaluates periods of less than an hour (PutMetricAlarm, Amazon CloudWatch API Reference),
# and how many of its minutes count: SQS's numbers are approximate, and the newest minute may not be reported yet.
BACKLOG: Final = Duration.days(1)
BACKLOG_MINUTES: Final = 23 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A condition: a metric is at or above the threshold in `needed` of its last periods, in all unless it says so."""

    threshold: float = 1
    periods: int = 1
    needed: int | None = None


class QueueAlarms(Construct):
    """The alarms of one queue and its dead-letter queue."""

    def __init__(self, scope: Construct, construct_id: str, *, queue: str, topic: ITopic) -> None:
        """Create them for the queue of that name."""
        super().__init__(scope, construct_id)
        days = OLDEST.to_days()
        _alarm(
            self,
            "Oldest",
            name=f"{queue}-oldest-message",
            description=f"A message has waited {days:.0f} days in {queue}; SQS deletes it after {2 * days:.0f}.",
            metric=_metric("ApproximateAgeOfOldestMessage", queue, Duration.hours(1)),
            when=When(threshold=OLDEST.to_seconds()),
            topic=topic,
        )
        _alarm(
            self,
            "Backlog",
            name=f"{queue}-backlog",
            description=f"{queue} had a message at nearly every minute of a day.",
            metric=_messages(queue),
            when=When(periods=int(BACKLOG.to_minutes()), needed=BACKLOG_MINUTES),
            topic=topic,
        )
        alarm_on_messages(self, "DeadLetters", name=f"{queue}-dead-letters", queue=f"{queue}-dead", topic=topic)


def alarm_on_messages(scope: Construct, construct_id: str, *, name: str, queue: str, topic: ITopic) -> None:
    """Alarm while a queue that should be empty has a message, in flight or not: whoever looks at it receives it.

    The age of its oldest message would not do: SQS leaves out a message received three times or more, and each
    `herald dlq list`, `show` or `redrive --dry-run` is a receive.
    """
    _alarm(
        scope,
        construct_id,
        name=name,
        description=f"{queue} has a message. `herald dlq list` says why.",
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
    """Publish to the topic when the metric meets the condition."""
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
    """Return the number of messages that are visible or in flight, including those that fail at every receive.

    It is summed for each minute: over a longer period, a message that is visible at one minute and in flight at the
    next gives both metrics a minimum of 0. FILL: SQS reports messages in flight only while there are any. Source:
    "Available CloudWatch metrics for Amazon SQS", Amazon SQS Developer Guide.
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
    """Return a metric of a queue; SQS reports one value a minute."""
    return Metric(
        namespace="AWS/SQS", metric_name=name, dimensions_map={"QueueName": queue}, period=period, statistic="Maximum"
    )
