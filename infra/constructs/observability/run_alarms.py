"""Alarms on a function's own metrics: the objectives `success` and `expect_every`.

The functions publish these metrics in the namespace Herald with the dimensions `function` and `environment`
(functions/runtime/core/telemetry.py), and only when they count something.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import ComparisonOperator, MathExpression, Metric, TreatMissingData

from infra.constructs.observability.alarm import AlarmDefinition, Condition, metric
from infra.declarations.spec import FunctionSpec

NAMESPACE: Final = "Herald"
RATE_PERIOD: Final = Duration.minutes(5)
# Below this number of runs in five minutes, one failure would be a large percentage. The alarm `dead-letters` covers
# functions with fewer runs.
MINIMUM_RUNS: Final = 20
HOUR: Final = 3_600
DAY: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    """The metrics of successful and of failed runs, or of requests; a refused request is the sender's fault.

    `look` is how to list the failures of a function `{name}`.
    """

    succeeded: tuple[str, ...]
    failed: str
    noun: str
    look: str


RUNS: Final = _Counts(
    succeeded=("RunsProcessed",),
    failed="RunsFailed",
    noun="run",
    look="list them with `herald runs --function {name} --error`",
)
REQUESTS: Final = _Counts(
    succeeded=("RequestsAccepted", "RequestsRepeated", "RequestsIgnored"),
    failed="RequestsFailed",
    noun="request",
    look="read them with `herald logs {name}`",
)


def of_runs(spec: FunctionSpec, environment: str) -> Iterator[AlarmDefinition]:
    """Yield the alarms on the runs of a function."""
    yield _failure_rate(spec, environment)
    if spec.objectives.expect_every_seconds is not None:
        yield _missing_events(spec, environment, spec.objectives.expect_every_seconds)


def _failure_rate(spec: FunctionSpec, environment: str) -> AlarmDefinition:
    """Return the alarm on the percentage of failed runs; SUM leaves out metrics without data, FILL might not."""
    counts = RUNS if spec.queued else REQUESTS
    names = {_id(name): name for name in (*counts.succeeded, counts.failed)}
    total = f"SUM([{', '.join(names)}])"
    return AlarmDefinition(
        kind="failure-rate",
        text=f"More than {_allowed(spec):g} % of the {counts.noun}s of {spec.name} failed (objective success = "
        f"{spec.objectives.success}): {counts.look.format(name=spec.name)}, and fix the most frequent reason.",
        metric=MathExpression(
            expression=f"IF({total} >= {MINIMUM_RUNS}, {_id(counts.failed)} * 100 / {total}, 0)",
            using_metrics={key: _metric(spec, environment, name, RATE_PERIOD) for key, name in names.items()},
            period=RATE_PERIOD,
        ),
        when=Condition(threshold=_allowed(spec), comparison=ComparisonOperator.GREATER_THAN_THRESHOLD),
    )


def _missing_events(spec: FunctionSpec, environment: str, seconds: int) -> AlarmDefinition:
    """Return the alarm on a function that should have run: all periods of the time must be without a run.

    CloudWatch evaluates at most one day of periods that are shorter than an hour, and at most seven days of others
    ("PutMetricAlarm", Amazon CloudWatch API Reference). A metric without data is the event that this alarm is for.
    """
    counts = RUNS if spec.queued else REQUESTS
    unit = HOUR if seconds > DAY or seconds % HOUR == 0 else 60
    periods = -(-seconds // unit)
    ran = _metric(spec, environment, counts.succeeded[0], Duration.seconds(unit))
    return AlarmDefinition(
        kind="missing-events",
        text=f"{spec.name} had no successful {counts.noun} within the objective expect_every = "
        f"{spec.objectives.expect_every}: check with `herald status` whether it is paused, and whether its producer "
        "works.",
        metric=MathExpression(expression="FILL(ran, 0)", using_metrics={"ran": ran}, period=Duration.seconds(unit)),
        when=Condition(
            threshold=1,
            comparison=ComparisonOperator.LESS_THAN_THRESHOLD,
            periods=periods,
            needed=periods,
            missing=TreatMissingData.BREACHING,
        ),
    )


def _id(name: str) -> str:
    """Return the name of a metric as an id of metric math, which begins with a lower-case letter."""
    return name[0].lower() + name[1:]


def _allowed(spec: FunctionSpec) -> float:
    """Return the percentage of runs that may fail."""
    return round(100 - spec.objectives.success_percent, 2)


def _metric(spec: FunctionSpec, environment: str, name: str, period: Duration) -> Metric:
    return metric(NAMESPACE, name, "Sum", {"function": spec.name, "environment": environment}, period)
