"""The dashboard has the metrics that the runtime writes in the embedded metric format."""

import re
from typing import Final

from functions.runtime.http import request_log
from infra.constructs.observability import dashboard_metrics
from tests.insights.conftest import Events

NAME: Final = re.compile(r"_aws\.CloudWatchMetrics\.0\.Metrics\.\d+\.Name")
DIMENSION: Final = re.compile(r"_aws\.CloudWatchMetrics\.0\.Dimensions\.0\.\d+")


def values(log: Events, key: re.Pattern[str]) -> set[str]:
    """Return the values of all fields with these names."""
    return {value for each in log for name, value in each.items() if key.fullmatch(name)}


def test_the_dashboard_has_the_metrics_of_events(log: Events) -> None:
    """All of them."""
    named = {*dashboard_metrics.RUNS, *dashboard_metrics.EVENTS, *dashboard_metrics.DURATIONS}
    assert values(log, NAME) == named


def test_the_dashboard_has_the_metrics_of_requests() -> None:
    """One for each kind of answer."""
    assert {*request_log.REQUESTS.values(), "RequestsRefused", "RequestsFailed"} == set(dashboard_metrics.REQUESTS)


def test_the_namespace_and_the_dimensions_are_those_of_the_dashboard(log: Events) -> None:
    """A graph with another dimension would stay empty."""
    assert {each.get("_aws.CloudWatchMetrics.0.Namespace") for each in log} - {None} == {dashboard_metrics.NAMESPACE}
    assert values(log, DIMENSION) == {"function", "environment"}
