"""The widget on the dashboard, and its function."""

import json
from typing import Any

import pytest

from tests.infrastructure.conftest import Synthesized

NAME = "herald-{}-dashboard-widget"


def function(app: Synthesized) -> tuple[str, dict[str, Any]]:
    """Return the logical id and the properties of the widget's function."""
    ((logical_id, found),) = app.resources("AWS::Lambda::Function", "-dashboard").items()
    return logical_id, found["Properties"]


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_dashboard_calls_the_function(environment: str, request: pytest.FixtureRequest) -> None:
    """By its ARN, also after a refresh and a change of the time range.

    Source: "Dashboard Body Structure and Syntax", Amazon CloudWatch API Reference (`type: custom`).
    """
    app: Synthesized = request.getfixturevalue(environment)
    logical_id, found = function(app)
    assert found["FunctionName"] == NAME.format(environment)
    (dashboard,) = app.resources("AWS::CloudWatch::Dashboard").values()
    _, parts = dashboard["Properties"]["DashboardBody"]["Fn::Join"]
    text = "".join(each if isinstance(each, str) else f"<{json.dumps(each).replace('"', "'")}>" for each in parts)
    (widget,) = [each for each in json.loads(text)["widgets"] if each["type"] == "custom"]
    assert logical_id in widget["properties"]["endpoint"]
    assert widget["properties"]["updateOn"] == {"refresh": True, "resize": False, "timeRange": True}
    assert widget["width"] == 24


def test_the_function_knows_its_environment(prod: Synthesized) -> None:
    """Everything else it reads from the outputs of the storage stack, as the command line does."""
    _, found = function(prod)
    assert found["Environment"]["Variables"]["HERALD_ENVIRONMENT"] == "prod"
    assert found["Handler"] == "herald.widget.handler.handle"


def test_its_log_is_kept_as_long_as_all_logs(prod: Synthesized) -> None:
    """The log has the audit lines of redrives."""
    groups = [each["Properties"] for each in prod.resources("AWS::Logs::LogGroup", "-dashboard").values()]
    (found,) = [each for each in groups if each["LogGroupName"] == f"/aws/lambda/{NAME.format('prod')}"]
    assert found["RetentionInDays"] == 365


def test_nobody_else_may_call_the_function(dev: Synthesized) -> None:
    """It has no resource policy and no URL: CloudWatch calls it with the credentials of the person."""
    logical_id, _ = function(dev)
    for kind in ("AWS::Lambda::Permission", "AWS::Lambda::Url"):
        assert logical_id not in json.dumps(dev.resources(kind))
