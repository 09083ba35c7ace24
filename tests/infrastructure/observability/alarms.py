"""Lookups of alarms in the synthesized templates."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.infrastructure.conftest import Synthesized

METRIC_ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
SUPPRESSOR = "herald-dev-deployment"


@dataclass(frozen=True)
class Published:
    """A metric that an alarm reads; `dimensions` maps names to values, and a reference is JSON."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    statistic: str
    period: int


def metric_alarms(app: Synthesized) -> dict[str, dict[str, Any]]:
    """Return the properties of all alarms on metrics, by name."""
    found = [each["Properties"] for each in app.resources(METRIC_ALARM).values()]
    return {each["AlarmName"]: each for each in found}


def composites(app: Synthesized) -> dict[str, dict[str, Any]]:
    """Return the properties of all composite alarms, by name."""
    found = [each["Properties"] for each in app.resources(COMPOSITE).values()]
    return {each["AlarmName"]: each for each in found}


def kinds(app: Synthesized, subject: str) -> set[str]:
    """Return the kinds of the alarms on a subject, such as herald-dev-notify."""
    return {name.removeprefix(f"{subject}-") for name in metric_alarms(app) if name.startswith(f"{subject}-")}


def published(alarm: dict[str, Any]) -> Iterator[Published]:
    """Yield the metrics of an alarm, also those in its metric math."""
    single = [alarm] if "MetricName" in alarm else []
    parts = [each["MetricStat"] for each in alarm.get("Metrics", ()) if "MetricStat" in each]
    for each in single:
        statistic = each.get("Statistic") or each["ExtendedStatistic"]
        yield Published(each["Namespace"], each["MetricName"], _dimensions(each), statistic, each["Period"])
    for part in parts:
        metric = part["Metric"]
        yield Published(metric["Namespace"], metric["MetricName"], _dimensions(metric), part["Stat"], part["Period"])


def expression(alarm: dict[str, Any]) -> str:
    """Return the metric math of an alarm."""
    (found,) = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    return str(found)


def _dimensions(metric: dict[str, Any]) -> dict[str, str]:
    given = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
