"""How the events of a batch leave: together, after their handlers and before they are settled."""

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
    """Return what botocore raises when the role does not allow a call."""
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutEvents")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Make a stage with ten messages of as many things."""
    made = install(Stage(emit), monkeypatch)
    made.send(*(body(cloud_event(id=str(n), subject=f"thing/{n}", sequence=str(n))) for n in range(10)))
    return made


def test_the_events_of_ten_runs_leave_in_one_call(stage: Stage) -> None:
    """And are those of ten calls: one for each run, in their order."""
    assert stage.deliver() == []
    assert stage.calls == {"statements": 2, "emit": 1}
    assert [event["subject"] for event in stage.events] == [f"thing/{n}" for n in range(10)]


def test_a_run_whose_event_the_bus_refuses_is_tried_again_alone(stage: Stage) -> None:
    """One of ten is refused for good: nine are processed, and its row names no effect that did not happen."""
    stage.refuse = lambda entry: "thing/3" in entry["Detail"]
    assert stage.deliver() == ["m4"]
    rows = {row["pk"]: row for row in stage.rows()}
    assert Counter(row["decision"] for row in rows.values()) == {"processed": 9, "retrying": 1}
    assert rows["thing/3"]["reason"] == "PutEvents failed: ThrottlingException"
    assert "effects" not in rows["thing/3"]
    stage.refuse = lambda _entry: False
    stage.drain()
    assert Counter(event["subject"] for event in stage.events) == Counter(f"thing/{n}" for n in range(10))


def test_a_bus_that_never_takes_them_ends_in_the_dead_letter_queue(stage: Stage) -> None:
    """Every run has its attempts, and then a letter that says why."""
    stage.refuse = lambda _entry: True
    stage.drain()
    assert stage.decisions() == ["dead"] * 10
    assert {letter["reason"] for letter in stage.dead_letters()} == {"PutEvents failed: ThrottlingException"}


def test_a_call_that_fails_fails_the_runs_of_its_events(stage: Stage) -> None:
    """None is settled as processed whose events may not have left; tried again, they leave with the same ids."""
    stage.fail = on("emit", "after", throttled())
    assert len(stage.deliver()) == 10
    assert stage.decisions() == ["retrying"] * 10
    assert {row["reason"] for row in stage.rows()} == {"PutEvents failed: ThrottlingException"}
    stage.drain()
    assert stage.decisions() == ["processed"] * 10
    assert set(Counter(event["id"] for event in stage.events).values()) == {2}


def test_a_call_that_fails_leaves_the_events_of_other_calls_alone(stage: Stage) -> None:
    """Of five calls the bus refuses one: eight runs are processed, and two are tried again for that call's reason."""
    stage.handle = lambda event, run: run.emit("thing.done", {"text": "x" * 400_000}, subject=event.subject)
    stage.fail = on("emit", "before", denied())
    assert len(stage.deliver()) == 2
    assert stage.calls["emit"] == 5, "what a whole call was refused for is not asked again"
    rows = {row["pk"]: row for row in stage.rows()}
    assert Counter(row["decision"] for row in rows.values()) == {"processed": 8, "retrying": 2}
    assert {rows[f"thing/{n}"]["reason"] for n in (0, 1)} == {"PutEvents failed: AccessDeniedException"}


def test_why_a_call_failed_is_logged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With AWS's own words, though the calls after it were made."""
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARNING")
    stage.fail = on("emit", "before", denied())
    stage.deliver()
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (failure,) = [line for line in told if line.get("message") == "PutEvents failed: the runs are retried"]
    assert failure["exception_name"] == "ClientError"


def test_a_call_whose_answer_is_lost_leaves_the_events_of_other_calls_alone(stage: Stage) -> None:
    """Its runs are tried again, for theirs may not have left; the others were answered."""
    stage.handle = lambda event, run: run.emit("thing.done", {"text": "x" * 400_000}, subject=event.subject)
    stage.fail = on("emit", "after", lost_reply())
    assert len(stage.deliver()) == 2
    reasons = Counter(row["reason"] for row in stage.rows())
    assert reasons == {"the handler returned": 8, "PutEvents failed: no response": 2}


def test_a_type_that_is_not_declared_does_not_reach_the_bus(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS would refuse the whole call for it: the run is tried again, and its neighbours are processed."""
    install(stage, monkeypatch, EMITS="thing.done,thing.made")

    def emit_what_it_is_told(event: Event, run: Run) -> None:
        run.emit("thing.dnoe" if event.subject == "thing/3" else "thing.done", {}, subject=event.subject)

    stage.handle = emit_what_it_is_told
    assert len(stage.deliver()) == 1
    assert Counter(stage.decisions()) == {"processed": 9, "retrying": 1}
    (reason,) = [row["reason"] for row in stage.rows() if row["decision"] == "retrying"]
    assert reason.endswith("thing.dnoe is not declared: access.emit has thing.done, thing.made")
    assert (len(stage.events), stage.calls["emit"]) == (9, 1)


def test_events_leave_before_their_runs_are_settled(stage: Stage) -> None:
    """A worker that dies in between has told, and is taken over; one that dies before has told nobody."""
    stage.fail = on("emit", "before", Killed())
    with pytest.raises(Killed):
        stage.deliver()
    assert (stage.events, stage.decisions()) == ([], ["running"] * 10)


def test_a_bus_that_hangs_leaves_time_to_settle(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call is interrupted, and the runs are tried again."""

    def hang(**_call: Any) -> None:  # noqa: ANN401 - boto3's keywords
        threading.Event().wait(20)

    stage.left_ms = 2_000 + 500
    monkeypatch.setattr("functions.runtime.batch.invocation.EMIT_MS", 0)
    monkeypatch.setattr(stage, "put_events", hang)
    assert len(stage.deliver()) == 10
    assert {row["reason"] for row in stage.rows()} == {"PutEvents failed: no response"}


def test_large_events_leave_in_as_many_calls_as_the_bus_needs(stage: Stage) -> None:
    """Ten of 100 KB: two fit into one call, whoever emits them."""
    stage.handle = lambda event, run: run.emit("thing.done", {"text": "x" * 400_000}, subject=event.subject)
    assert stage.deliver() == []
    assert (len(stage.events), stage.calls["emit"]) == (10, 5)
