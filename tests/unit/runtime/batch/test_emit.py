"""The events of a batch are sent together, after the handlers and before the runs are settled."""

import json
import logging
import threading
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.runtime import Event, Run
from tests.events import body, cloud_event
from tests.stage import Killed, Stage, install, lost_reply, on, throttled


def emit(event: Event, run: Run) -> None:
    """Emit one event about the subject."""
    run.emit("thing.done", {}, subject=event.subject)


def denied() -> ClientError:
    """Return the error that botocore raises when the role does not allow a call."""
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutEvents")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage with ten messages, each about a subject of its own."""
    made = install(Stage(emit), monkeypatch)
    made.send(*(body(cloud_event(id=str(n), subject=f"thing/{n}", sequence=str(n))) for n in range(10)))
    return made


def test_the_events_of_ten_runs_are_sent_in_one_call(stage: Stage) -> None:
    """There is one event per run, in order."""
    assert stage.deliver() == []
    assert stage.calls == {"statements": 2, "emit": 1}
    assert [event["subject"] for event in stage.events] == [f"thing/{n}" for n in range(10)]


def test_only_the_run_of_a_refused_event_is_retried(stage: Stage) -> None:
    """The bus refuses one event of ten: nine runs are processed, and the row of the tenth has no effects."""
    stage.refuse = lambda entry: "thing/3" in entry["Detail"]
    assert stage.deliver() == ["m4"]
    rows = {row["pk"]: row for row in stage.rows()}
    assert Counter(row["decision"] for row in rows.values()) == {"processed": 9, "retrying": 1}
    assert rows["thing/3"]["reason"] == "PutEvents failed: ThrottlingException"
    assert "effects" not in rows["thing/3"]
    stage.refuse = lambda _entry: False
    stage.drain()
    assert Counter(event["subject"] for event in stage.events) == Counter(f"thing/{n}" for n in range(10))


def test_runs_are_dead_lettered_when_the_bus_refuses_all_attempts(stage: Stage) -> None:
    """Each run has all its attempts, and then a dead letter with the reason."""
    stage.refuse = lambda _entry: True
    stage.drain()
    assert stage.decisions() == ["dead"] * 10
    assert {each["reason"] for each in stage.dead_letters()} == {"PutEvents failed: ThrottlingException"}


def test_runs_are_retried_when_their_call_fails(stage: Stage) -> None:
    """No run is processed unless its events were sent; the retry sends them with the same ids."""
    stage.fail = on("emit", "after", throttled())
    assert len(stage.deliver()) == 10
    assert stage.decisions() == ["retrying"] * 10
    assert {row["reason"] for row in stage.rows()} == {"PutEvents failed: ThrottlingException"}
    stage.drain()
    assert stage.decisions() == ["processed"] * 10
    assert set(Counter(event["id"] for event in stage.events).values()) == {2}


def test_a_failed_call_does_not_affect_the_events_of_other_calls(stage: Stage) -> None:
    """The bus refuses one call of five: eight runs are processed, and two are retried with the reason of that call."""
    stage.handle = lambda event, run: run.emit("thing.done", {"text": "x" * 400_000}, subject=event.subject)
    stage.fail = on("emit", "before", denied())
    assert len(stage.deliver()) == 2
    assert stage.calls["emit"] == 5, "a call that was refused as a whole is not repeated"
    rows = {row["pk"]: row for row in stage.rows()}
    assert Counter(row["decision"] for row in rows.values()) == {"processed": 8, "retrying": 2}
    assert {rows[f"thing/{n}"]["reason"] for n in (0, 1)} == {"PutEvents failed: AccessDeniedException"}


def test_the_error_of_a_failed_call_is_logged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line has the error of AWS; the calls after it are made."""
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARNING")
    stage.fail = on("emit", "before", denied())
    stage.deliver()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (failure,) = [line for line in lines if line.get("message") == "PutEvents failed: the runs are retried"]
    assert failure["exception_name"] == "ClientError"


def test_a_lost_response_does_not_affect_the_events_of_other_calls(stage: Stage) -> None:
    """The runs of that call are retried, because their events may not have been sent."""
    stage.handle = lambda event, run: run.emit("thing.done", {"text": "x" * 400_000}, subject=event.subject)
    stage.fail = on("emit", "after", lost_reply())
    assert len(stage.deliver()) == 2
    reasons = Counter(row["reason"] for row in stage.rows())
    assert reasons == {"the handler returned": 8, "PutEvents failed: no response": 2}


def test_an_undeclared_type_is_not_sent_to_the_bus(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS would refuse the whole call: the run is retried, and the others are processed."""
    install(stage, monkeypatch, EMITS="thing.done,thing.made")

    def emit_by_subject(event: Event, run: Run) -> None:
        run.emit("thing.dnoe" if event.subject == "thing/3" else "thing.done", {}, subject=event.subject)

    stage.handle = emit_by_subject
    assert len(stage.deliver()) == 1
    assert Counter(stage.decisions()) == {"processed": 9, "retrying": 1}
    (reason,) = [row["reason"] for row in stage.rows() if row["decision"] == "retrying"]
    assert reason.endswith("thing.dnoe is not declared: access.emit has thing.done, thing.made")
    assert (len(stage.events), stage.calls["emit"]) == (9, 1)


def test_events_are_sent_before_their_runs_are_settled(stage: Stage) -> None:
    """When the worker crashes before sending, no event was sent and no run is settled."""
    stage.fail = on("emit", "before", Killed())
    with pytest.raises(Killed):
        stage.deliver()
    assert (stage.events, stage.decisions()) == ([], ["running"] * 10)


def test_a_bus_that_hangs_leaves_time_to_settle(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call is interrupted, and the runs are retried."""

    def hang(**_call: Any) -> None:  # noqa: ANN401 - boto3's keywords
        threading.Event().wait(20)

    stage.left_ms = 2_000 + 500
    monkeypatch.setattr("functions.runtime.batch.invocation.EMIT_MS", 0)
    monkeypatch.setattr(stage, "put_events", hang)
    assert len(stage.deliver()) == 10
    assert {row["reason"] for row in stage.rows()} == {"PutEvents failed: no response"}


def test_large_events_are_sent_in_several_calls(stage: Stage) -> None:
    """Two events of 400 KB fit into one call."""
    stage.handle = lambda event, run: run.emit("thing.done", {"text": "x" * 400_000}, subject=event.subject)
    assert stage.deliver() == []
    assert (len(stage.events), stage.calls["emit"]) == (10, 5)
