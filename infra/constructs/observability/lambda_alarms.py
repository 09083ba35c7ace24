"""Alarms on Lambda functions: crashes, timeouts, throttles and concurrency.

Lambda publishes each of these metrics for a function with the dimension FunctionName alone. Sources: "Types of metrics
for Lambda functions" and "Viewing metrics for Lambda functions" (dimensions), AWS Lambda Developer Guide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import ComparisonOperator, IMetric, MathExpression, Metric

from infra.constructs.observability.alarm import MINUTE, AlarmDefinition, Condition, metric, whole_minutes
from infra.constructs.queue_intake import VISIBILITY_PER_TIMEOUT

PERCENT_OF_ERRORS: Final = 5
PERCENT_OF_THROTTLES: Final = 5
NEAR: Final = 0.8
ABOVE: Final = ComparisonOperator.GREATER_THAN_THRESHOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A function by its name on AWS; `queue` is "" for a Function URL, and `max_concurrency` 0 for no limit."""

    name: str
    queue: str
    timeout_seconds: int
    max_concurrency: int


def of_function(function: Watched) -> Iterator[AlarmDefinition]:
    """Yield the alarms on a function."""
    yield _errors(function)
    yield _duration(function)
    yield _throttles(function)
    if function.max_concurrency:
        yield _concurrency(function)


def _errors(function: Watched) -> AlarmDefinition:
    """Return the alarm on invocations that crash or time out; the failure of a run is not an error of Lambda.

    The period is the visibility timeout of the queue. With a shorter one, a single message that crashes the function
    at every receive would give errors in every second or sixth period only, and never in two of three.
    """
    waits = VISIBILITY_PER_TIMEOUT * function.timeout_seconds if function.queue else 0
    period = whole_minutes(max(waits, 60))
    metrics = {"errors": ("Errors", "Sum"), "invocations": ("Invocations", "Sum")}
    return AlarmDefinition(
        kind="errors",
        text=f"More than {PERCENT_OF_ERRORS} % of the invocations of {function.name} crash or time out: read the "
        "traceback in its log, then fix the code or roll it back.",
        metric=_expression(
            "IF(invocations > 0, errors * 100 / invocations, 0)",
            {key: _metric(name, statistic, function.name, period) for key, (name, statistic) in metrics.items()},
            period,
        ),
        when=Condition(threshold=PERCENT_OF_ERRORS, comparison=ABOVE),
    )


def _duration(function: Watched) -> AlarmDefinition:
    """Return the alarm on invocations near the timeout; in its period, one invocation at a time can end at least once.

    The metric of an invocation that times out is the timeout.
    """
    milliseconds = NEAR * function.timeout_seconds * 1_000
    return AlarmDefinition(
        kind="duration",
        text=f"The slowest invocations of {function.name} take more than {NEAR:.0%} of its timeout of "
        f"{function.timeout_seconds} seconds: find the slow call in a trace, reduce batch_size, or raise "
        "timeout_seconds.",
        metric=_metric("Duration", "p99", function.name, whole_minutes(function.timeout_seconds)),
        when=Condition(threshold=milliseconds, comparison=ABOVE),
    )


def _throttles(function: Watched) -> AlarmDefinition:
    """Return the alarm on throttled invocations, which Lambda does not count as invocations."""
    sums = {key: _metric(key.capitalize(), "Sum", function.name) for key in ("throttles", "invocations")}
    return AlarmDefinition(
        kind="throttles",
        text=f"Lambda throttles more than {PERCENT_OF_THROTTLES} % of the invocations of {function.name}: compare the "
        "concurrency of the function and of the account with their limits.",
        metric=_expression("throttles * 100 / SUM([throttles, invocations])", sums, MINUTE),
        when=Condition(threshold=PERCENT_OF_THROTTLES, comparison=ABOVE),
    )


def _concurrency(function: Watched) -> AlarmDefinition:
    """Return the alarm on a function near its maximum concurrency.

    A queue makes the function reach the maximum in every burst, so it counts only while messages wait during the whole
    period of five minutes.
    """
    period = Duration.minutes(5) if function.queue else MINUTE
    running: IMetric = _metric("ConcurrentExecutions", "Maximum", function.name, period)
    if function.queue:
        waiting = metric(
            "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Minimum", {"QueueName": function.queue}, period
        )
        running = _expression("IF(waiting > 0, running, 0)", {"running": running, "waiting": waiting}, period)
    effect = "and messages wait" if function.queue else "and further requests get status 429"
    return AlarmDefinition(
        kind="concurrency",
        text=f"{function.name} runs at {NEAR:.0%} or more of its maximum concurrency of {function.max_concurrency}, "
        f"{effect}: raise max_concurrency, or make the function faster.",
        metric=running,
        when=Condition(threshold=NEAR * function.max_concurrency),
    )


def _metric(name: str, statistic: str, function: str, period: Duration = MINUTE) -> Metric:
    return metric("AWS/Lambda", name, statistic, {"FunctionName": function}, period)


def _expression(text: str, metrics: dict[str, IMetric] | dict[str, Metric], period: Duration) -> MathExpression:
    return MathExpression(expression=text, using_metrics=dict(metrics), period=period)
