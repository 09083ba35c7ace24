"""A flood of bad messages in the log, the metrics, the ledger and the dead-letter queue."""

import json
import logging
from typing import Any

import pytest

from functions.runtime import Event, Permanent, Run
from tests.events import body, cloud_event
from tests.stage import Stage, install


def refuse(event: Event, _run: Run) -> None:
    """Reject malformed data, and fail with broken data."""
    if event.data["is"] == "malformed":
        raise Permanent(f"{event.subject}: no good")
    if event.data["is"] == "broken":
        raise KeyError(event.subject)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage with logs and one attempt per event."""
    made = install(Stage(refuse), monkeypatch, MAX_ATTEMPTS="1")
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")
    return made


def send(stage: Stage, *kinds: str, device: int = 1) -> None:
    """Put one message of each kind into the queue."""
    stage.send(*(body(cloud_event(subject=f"device/{device}", data={"is": kind})) for kind in kinds))


def logged(capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the lines about decisions, and the metrics."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (metrics,) = [line for line in lines if "_aws" in line]
    return [line for line in lines if "decision" in line], metrics


def test_a_flood_has_two_lines_and_counts_by_subject(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """The first has its line, the others share one; each has a row and a dead letter, and the metric counts all."""
    send(stage, *["malformed"] * 6, device=7)
    send(stage, *["malformed"] * 3, device=8)
    send(stage, "good")
    stage.deliver()
    (first, good, summed), metrics = logged(capsys)
    assert (first["decision"], first["subject"], first["decision_reason"]) == (
        "rejected",
        "device/7",
        "device/7: no good",
    )
    assert (good["decision"], good["subject"]) == ("processed", "device/1")
    assert (summed["message"], summed["error"]) == ("f rejected 8 more", "Permanent")
    assert summed["subjects"] == {"device/7": 5, "device/8": 3}
    assert sum(metrics["EventsRejected"]) == 9
    assert stage.decisions().count("rejected") == len(stage.dead_letters()) == 9


def test_another_decision_or_error_has_its_own_line(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Each pair of decision and error has a first line and a summary."""
    send(stage, "malformed", "broken", "broken", "malformed", "malformed")
    stage.send("not an event")
    stage.deliver()
    lines, _ = logged(capsys)
    assert [(line["decision"], line.get("error"), line.get("subjects")) for line in lines] == [
        ("rejected", "Permanent", None),
        ("dead", "KeyError", None),
        ("rejected", "EnvelopeError", None),
        ("rejected", "Permanent", {"device/1": 2}),
        ("dead", "KeyError", {"device/1": 1}),
    ]


def test_each_decision_without_a_dead_letter_has_a_line(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """A processed run has a line, and so has a duplicate, which has no row."""
    send(stage, *["good"] * 4)
    stage.send(*[body(cloud_event(id="1", data={"is": "good"}))] * 3)
    stage.deliver()
    lines, _ = logged(capsys)
    assert [line["decision"] for line in lines].count("processed") == 5
    assert [line["decision"] for line in lines].count("duplicate") == 2
