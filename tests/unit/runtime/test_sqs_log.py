"""The log lines and metrics of a batch."""

import json
from typing import Any

import pytest

from tests.events import body, cloud_event, object_created
from tests.unit.runtime.conftest import World
from tests.unit.runtime.sqs_handlers import done, permanent


def log_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the log lines."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]


def test_every_attempt_has_one_log_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """It has the event, the decision and its reason; the metrics have no ids."""
    world.send(body(cloud_event(correlationid="c", causationid="i", causationsubject="s", causationfunction="g")))
    world.deliver(permanent)
    lines = log_lines(capsys)
    (line,) = [line for line in lines if "decision" in line]
    assert {name: line[name] for name in ("function", "subject", "event_type", "correlation_id", "causation_id")} == {
        "function": "f",
        "subject": "customer/42",
        "event_type": "customer.created",
        "correlation_id": "c",
        "causation_id": "i",
    }
    assert (line["decision"], line["decision_reason"], line["attempt"], line["level"]) == (
        "rejected",
        "no such customer",
        1,
        "WARNING",
    )
    assert line["lag_ms"] > 0
    (metrics,) = [line for line in lines if "_aws" in line]
    assert metrics["EventsRejected"] == [1.0]
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["function", "environment"]]


def test_no_data_of_an_event_reaches_the_log_or_the_ledger(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Log lines and rows do not contain the data of an event."""
    world.send(body(cloud_event(data={"card": "4111-secret"})))
    world.deliver(done)
    assert "4111-secret" not in capsys.readouterr().out + str(world.rows())


def test_a_duplicate_is_acknowledged_and_not_handled(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The same event, delivered twice, is handled once; the log has a duplicate."""
    handled = []
    event = body(object_created())
    for request in ("one", "two"):
        world.send(event)
        assert world.deliver(lambda event, run: handled.append((event, run)), request_id=request) == []
    assert len(handled) == 1
    decisions = [line["decision"] for line in log_lines(capsys) if "decision" in line]
    assert decisions == ["processed", "duplicate"]
