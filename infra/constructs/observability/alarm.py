"""One alarm: its metric and condition, what people read in its description, and its construct.

An alarm has no action of its own. The composite alarm of its owner notifies people (paging_alarm.py).
"""

from collections.abc import Iterable, Mapping
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

    def reference(self, section: str) -> str:
        """Return the end of a description: the owner, and the link to a section of the runbook."""
        return f"Owner: {self.owner}. Runbook: {self.runbook}#{section}"


def make(scope: Construct, subject: Subject, definitions: Iterable[AlarmDefinition]) -> dict[str, Alarm]:
    """Create alarms on a subject, and return them by their names."""
    return {f"{subject.name}-{each.kind}": _make(scope, subject, each) for each in definitions}


def _make(scope: Construct, subject: Subject, definition: AlarmDefinition) -> Alarm:
    when = definition.when
    return Alarm(
        scope,
        definition.construct_id or construct_id(definition.kind),
        alarm_name=f"{subject.name}-{definition.kind}",
        alarm_description=f"{definition.text} {subject.reference(definition.kind)}",
        metric=definition.metric,
        threshold=when.threshold,
        comparison_operator=when.comparison,
        evaluation_periods=when.periods,
        datapoints_to_alarm=when.needed,
        treat_missing_data=when.missing,
    )


def construct_id(name: str) -> str:
    """Return a name with hyphens as the id of a construct."""
    return naming.pascal(name.replace("-", "_"))


def metric(
    namespace: str, name: str, statistic: str, dimensions: Mapping[str, str], period: Duration = MINUTE
) -> Metric:
    """Return a metric of a service, with exactly these dimensions."""
    return Metric(
        namespace=namespace, metric_name=name, dimensions_map=dict(dimensions), period=period, statistic=statistic
    )


def whole_minutes(seconds: int) -> Duration:
    """Return a duration rounded up to minutes, the periods that CloudWatch accepts for metrics of services."""
    return Duration.minutes(-(-seconds // 60))
