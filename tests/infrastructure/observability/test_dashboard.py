"""The dashboard, asserted on the templates because the local AWS draws none."""

import json
import re
from typing import Any, Final

import pytest

from infra.constructs.observability.dashboard import SELECTED
from infra.constructs.observability.dashboard_metrics import DURATIONS, EVENTS, REQUESTS, RUNS
from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.lookups import QUEUED, SPECS, each_function

# The order in which an investigator reads it.
TITLES: Final = (
    "Alarms of the platform and of each owner",
    "Oldest message, all functions (s)",
    f"Backlog of {SELECTED}",
    "Dead letters, all functions",
    f"Dead letters of {SELECTED}",
    "Errors and throttles, all functions",
    f"Errors, throttles and concurrency of {SELECTED}",
    "Event lag p99, all functions (ms)",
    f"Lag and duration of {SELECTED} (ms)",
    "RunsProcessed and RequestsAccepted, all functions",
    f"Decisions of {SELECTED}",
    "What ran and why",
)

type Widget = dict[str, Any]


def body(app: Synthesized) -> dict[str, Any]:
    """Return the only dashboard; `<…>` stands for a value that CloudFormation resolves."""
    (dashboard,) = app.resources("AWS::CloudWatch::Dashboard").values()
    _, parts = dashboard["Properties"]["DashboardBody"]["Fn::Join"]
    text = "".join(each if isinstance(each, str) else f"<{next(iter(each))}>" for each in parts)
    result: dict[str, Any] = json.loads(text)
    return result


def series(widget: Widget) -> set[tuple[str, ...]]:
    """Return each metric of a graph as its namespace, its name and the values of its dimensions."""
    metrics = [[part for part in each if isinstance(part, str)] for each in widget["properties"].get("metrics", [])]
    return {(namespace, name, *dimensions[1::2]) for namespace, name, *dimensions in metrics}


def graphs(app: Synthesized) -> dict[str, Widget]:
    """Return the graphs by title."""
    return {each["properties"]["title"]: each for each in body(app)["widgets"] if each["type"] == "metric"}


def test_it_shows_the_last_8_hours_in_the_order_of_an_investigation(dev: Synthesized) -> None:
    """From top to bottom, and on each row all functions before the selected function."""
    found = body(dev)
    assert (found["start"], found["periodOverride"]) == ("-PT8H", "inherit")
    titled = sorted((each["y"], each["x"], each["properties"].get("title")) for each in found["widgets"])
    assert tuple(title for _, _, title in titled if title) == TITLES


def test_widgets_do_not_overlap(dev: Synthesized) -> None:
    """The grid has 24 columns."""
    cells = [
        (column, row)
        for each in body(dev)["widgets"]
        for column in range(each["x"], each["x"] + each["width"])
        for row in range(each["y"], each["y"] + each["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(column for column, _ in cells) == 23


def test_a_variable_selects_the_function(dev: Synthesized) -> None:
    """Its values are all functions, and its pattern stands only in widgets of the selected function."""
    (variable,) = body(dev)["variables"]
    assert (variable["type"], variable["inputType"], variable["pattern"]) == ("pattern", "select", SELECTED)
    assert [each["value"] for each in variable["values"]] == [spec.name for spec in SPECS]
    assert variable["defaultValue"] == SPECS[0].name
    for title, graph in graphs(dev).items():
        assert (SELECTED in json.dumps(graph["properties"]["metrics"])) == (SELECTED in title)


@each_function
def test_every_function_has_its_place(dev: Synthesized, spec: FunctionSpec) -> None:
    """In each graph of all functions that has a metric of its kind."""
    shown = graphs(dev)
    queue = f"herald-dev-{spec.name}"
    assert ("AWS/Lambda", "Errors", queue) in series(shown[TITLES[5]])
    assert ("AWS/Lambda", "Throttles", queue) in series(shown[TITLES[5]])
    if spec.queued:
        assert ("AWS/SQS", "ApproximateAgeOfOldestMessage", queue) in series(shown[TITLES[1]])
        assert ("AWS/SQS", "ApproximateNumberOfMessagesVisible", f"{queue}-dead") in series(shown[TITLES[3]])
        assert ("Herald", "EventLag", "dev", spec.name) in series(shown[TITLES[7]])
        assert ("Herald", "RunsProcessed", "dev", spec.name) in series(shown[TITLES[9]])
    else:
        assert ("Herald", "RequestsAccepted", "dev", spec.name) in series(shown[TITLES[9]])


def test_queues_and_functions_of_graphs_exist(dev: Synthesized) -> None:
    """A graph of a name that does not exist stays empty without an error."""
    queues = {each["Properties"].get("QueueName") for each in dev.resources("AWS::SQS::Queue").values()}
    functions = {each["Properties"]["FunctionName"] for each in dev.resources("AWS::Lambda::Function").values()}
    values = [spec.name for spec in QUEUED]
    for namespace, _, *_, name in set[Any]().union(*(series(each) for each in graphs(dev).values())):
        if not name.startswith("<"):  # the queue `undelivered`, which has a generated name
            shown = {name.replace(SELECTED, value) for value in values}
            assert (
                shown
                <= {"AWS/SQS": queues, "AWS/Lambda": functions, "Herald": {spec.name for spec in SPECS}}[namespace]
            )


def test_dimensions_are_those_that_the_service_publishes(dev: Synthesized) -> None:
    """A wrong dimension would select no metric.

    Sources: "Available CloudWatch metrics for Amazon SQS", Amazon SQS Developer Guide; "Types of metrics for Lambda
    functions", AWS Lambda Developer Guide.
    """
    expected = {"AWS/SQS": ["QueueName"], "AWS/Lambda": ["FunctionName"], "Herald": ["environment", "function"]}
    for graph in graphs(dev).values():
        for namespace, _, *dimensions in graph["properties"]["metrics"]:
            assert sorted(each for each in dimensions[::2] if isinstance(each, str)) == expected[namespace]


def test_the_selected_function_shows_every_metric_of_the_runtime(dev: Synthesized) -> None:
    """tests/insights/test_metrics.py compares these names with what the runtime writes."""
    shown = series(graphs(dev)[TITLES[8]]) | series(graphs(dev)[TITLES[10]])
    assert {name for _, name, *_ in shown} == {*RUNS, *EVENTS, *REQUESTS, *DURATIONS}


def test_the_alarms_are_the_composite_alarms(dev: Synthesized) -> None:
    """By name, because their stacks are deployed later."""
    (widget,) = [each for each in body(dev)["widgets"] if each["type"] == "alarm"]
    names = [arn.rpartition(":")[2] for arn in widget["properties"]["alarms"]]
    assert names == ["herald-dev", *(f"herald-dev-{owner}" for owner in sorted({spec.owner for spec in SPECS}))]


def test_the_text_names_saved_queries_that_exist(prod: Synthesized) -> None:
    """And the environment in each command."""
    (widget,) = [each for each in body(prod)["widgets"] if each["type"] == "text"]
    text = widget["properties"]["markdown"]
    saved = {each["Properties"]["Name"] for each in prod.resources("AWS::Logs::QueryDefinition").values()}
    assert set(re.findall(r"`(herald-prod/[a-z-]+)`", text)) == saved
    commands = re.findall(r"`(herald [^`]+)`", text)
    assert all(each.endswith("--env prod") for each in commands)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environment_has_one_dashboard(environment: str, request: pytest.FixtureRequest) -> None:
    """A dashboard costs $3 a month."""
    app: Synthesized = request.getfixturevalue(environment)
    (dashboard,) = app.resources("AWS::CloudWatch::Dashboard").values()
    assert dashboard["Properties"]["DashboardName"] == f"herald-{environment}"
