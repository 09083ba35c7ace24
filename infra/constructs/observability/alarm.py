"""One alarm: its metric and condition, what people read in its description, and its construct.

An alarm has no action of its own. The composite alarm of its owner notifies people (paging_alarm.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Alarm, ComparisonOperator, IMetric, Metric, TreatMissingData
from constructs import Construct

from infra.declarations import naming

MINUTE: Final = Duration.minutes(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The metric reaches `threshold` in `needed` of the last `periods`.

    One bad minute raises no alarm, and two need not be adjacent. An alarm with other numbers says why beside them.
    """

    threshold: float
    comparison: ComparisonOperator = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
    periods: int = 3
    needed: int = 2
    missing: TreatMissingData = TreatMissingData.NOT_BREACHING
    """How periods without data count. Most services report errors only while there are any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmDefinition:
    """An alarm without its subject.

    `kind` is the end of its name and its section of docs/runbook.md. `text` says what happened and what to do.
    """

    kind: str
    text: str
    metric: IMetric
    when: Condition
    construct_id: str = ""
    """CloudFormation would create a second alarm of the same name first if it changed, which fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an alarm watches: its name on AWS, such as herald-dev-notify, its owner and the address of the runbook."""

    name: str
    owner: str
    runbook: str


def make(scope: Construct, subject: Subject, definitions: Iterable[AlarmDefinition]) -> list[Alarm]:
    """Create alarms on a subject; the descriptions end with the link to the section of the runbook."""
    return [_make(scope, subject, each) for each in definitions]


def _make(scope: Construct, subject: Subject, definition: AlarmDefinition) -> Alarm:
    kind, when = definition.kind, definition.when
    return Alarm(
        scope,
        definition.construct_id or naming.pascal(kind.replace("-", "_")),
        alarm_name=f"{subject.name}-{kind}",
        alarm_description=f"{definition.text} Owner: {subject.owner}. Runbook: {subject.runbook}#{kind}",
        metric=definition.metric,
        threshold=when.threshold,
        comparison_operator=when.comparison,
        evaluation_periods=when.periods,
        datapoints_to_alarm=when.needed,
        treat_missing_data=when.missing,
    )


def metric(namespace: str, name: str, statistic: str, period: Duration = MINUTE, **dimensions: str) -> Metric:
    """Return a metric of a service, with exactly these dimensions."""
    return Metric(
        namespace=namespace, metric_name=name, dimensions_map=dimensions, period=period, statistic=statistic
    )


def whole_minutes(seconds: int) -> Duration:
    """Return a duration rounded up to minutes, the periods that CloudWatch accepts for metrics of services."""
    return Duration.minutes(-(-seconds // 60))
