"""Counts what costs money in the synthesized templates of one environment."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from functions.runtime.core import variables
from infra.constructs.observability.dashboard_metrics import DURATIONS, EVENTS, REQUESTS, RUNS
from infra.declarations import naming
from infra.declarations.spec import FunctionSpec

type Templates = Mapping[str, Mapping[str, Any]]
type Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What one environment contains; `of_functions` is the part that grows with the number of functions."""

    functions: int
    """Functions of this repository."""
    queues: int
    """Queues that Lambda polls for these functions; the journal has one more."""
    metrics: int
    """Custom metrics, if each function writes all of its metrics in every hour."""
    alarm_metrics_of_functions: int
    """Metrics of the alarms on these functions; an alarm on an expression has several."""
    alarm_metrics_of_platform: int
    composites_of_owners: int
    composites_of_platform: int
    dashboards: int
    secrets: int
    indexes: int
    """Indexes of the ledger, each written when a run is settled."""
    keys: int
    """Customer managed KMS keys."""
    ledger_days: int
    journal_days: int
    log_days: int

    @classmethod
    def of(cls, templates: Templates, environment: str, specs: Sequence[FunctionSpec]) -> Self:
        """Count the resources of an environment with these functions."""
        alarms = [_alarm_metrics(each) for each in _all(templates, "AWS::CloudWatch::Alarm")]
        prefixes = tuple(f"{naming.physical(environment, spec.name)}-" for spec in specs)
        composites = [str(each["AlarmName"]) for each in _all(templates, "AWS::CloudWatch::CompositeAlarm")]
        platform = naming.physical(environment)
        tables = list(_all(templates, "AWS::DynamoDB::Table"))
        return cls(
            functions=len(specs),
            queues=sum(spec.queued for spec in specs),
            metrics=sum(len((*RUNS, *EVENTS, *DURATIONS) if spec.queued else REQUESTS) for spec in specs),
            alarm_metrics_of_functions=sum(count for name, count in alarms if name.startswith(prefixes)),
            alarm_metrics_of_platform=sum(count for name, count in alarms if not name.startswith(prefixes)),
            composites_of_owners=sum(name != platform for name in composites),
            composites_of_platform=composites.count(platform),
            dashboards=len(list(_all(templates, "AWS::CloudWatch::Dashboard"))),
            secrets=len(list(_all(templates, "AWS::SecretsManager::Secret"))),
            indexes=sum(len(each.get("GlobalSecondaryIndexes", ())) for each in tables),
            keys=len(list(_all(templates, "AWS::KMS::Key"))),
            ledger_days=_ledger_days(templates),
            journal_days=_journal_days(templates),
            log_days=max(int(each["RetentionInDays"]) for each in _all(templates, "AWS::Logs::LogGroup")),
        )


def read(directory: str) -> Templates:
    """Return the templates in a directory by their file names."""
    return {path.name: json.loads(path.read_bytes()) for path in sorted(Path(directory).glob("*.template.json"))}


def _all(templates: Templates, kind: str) -> Iterator[Properties]:
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] == kind:
                yield resource["Properties"]


def _alarm_metrics(alarm: Properties) -> tuple[str, int]:
    """Return the name of an alarm and the number of its metrics, which CloudWatch bills."""
    return str(alarm["AlarmName"]), sum("MetricStat" in each for each in alarm.get("Metrics", ())) or 1


def _ledger_days(templates: Templates) -> int:
    """Return how long the ledger keeps a row."""
    environments = [
        each.get("Environment", {}).get("Variables", {}) for each in _all(templates, "AWS::Lambda::Function")
    ]
    return max(int(each.get(variables.KEEP_DAYS, 0)) for each in environments)


def _journal_days(templates: Templates) -> int:
    """Return how long the journal keeps an event."""
    rules = [rule for each in _all(templates, "AWS::S3::Bucket") for rule in each["LifecycleConfiguration"]["Rules"]]
    return max(int(rule["ExpirationInDays"]) for rule in rules if rule.get("Prefix") == "events/")
