"""Traces: a subsegment for each run, and one for each decision without a handler."""

import json
from typing import Any

import pytest

from functions.runtime import Event, Run
from tests.events import body, cloud_event
from tests.stage import Stage, install
from tests.traces import HEADER, Traces, record


def handle(event: Event, run: Run) -> None:
    """Emit an event, or fail."""
    if event.data.get("fails"):
        raise ValueError(event.data["fails"])
    run.emit("thing.seen", {}, subject=event.subject)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage."""
    return install(Stage(handle), monkeypatch)


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> Traces:
    """Return the traces of the stage."""
    return record(monkeypatch)


def annotations(traces: Traces) -> list[dict[str, Any]]:
    """Return the annotations of each subsegment."""
    return [json.loads(document)["annotations"] for document in traces.documents]


def test_a_run_has_one_subsegment_with_four_annotations(stage: Stage, traces: Traces) -> None:
    """A batch of ten has 40 annotations; X-Ray indexes 50 of a trace."""
    stage.send(*(body(cloud_event(id=f"e{number}", correlationid="c")) for number in range(10)))
    stage.deliver()
    assert len(traces.documents) == 10
    assert annotations(traces)[0] == {
        "function": "f",
        "event_id": "e0",
        "correlation_id": "c",
        "decision": "processed",
    }


def test_a_duplicate_has_a_subsegment_of_its_own(stage: Stage, traces: Traces) -> None:
    """It has no handler, but traces are found by any decision."""
    for _ in range(2):
        stage.send(body(cloud_event(id="e")))
        stage.deliver()
    assert [each["decision"] for each in annotations(traces)] == ["processed", "duplicate"]


def test_a_decision_that_changes_after_the_handler_is_traced_too(stage: Stage, traces: Traces) -> None:
    """The bus refused the event: the run is retried."""
    stage.refuse = lambda _entry: True
    stage.send(body(cloud_event()))
    stage.deliver()
    assert [each["decision"] for each in annotations(traces)] == ["processed", "retrying"]


def test_a_failed_run_has_a_fault_without_the_message(stage: Stage, traces: Traces) -> None:
    """X-Ray would keep the text of an exception, which may quote the payload."""
    stage.send(body(cloud_event(data={"fails": "canary"})))
    stage.deliver()
    (document,) = traces.documents
    assert json.loads(document)["fault"] is True
    assert "canary" not in document


def test_an_invocation_that_is_not_sampled_records_nothing(
    stage: Stage, traces: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it does not import the X-Ray SDK either."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", HEADER.replace("Sampled=1", "Sampled=0"))
    stage.send(body(cloud_event()))
    stage.deliver()
    assert (stage.decisions(), traces.documents) == (["processed"], [])


def test_the_trace_header_of_a_message_changes_nothing(stage: Stage) -> None:
    """SQS adds the message system attribute AWSTraceHeader; no row and no dead letter has it."""
    stage.send(body(cloud_event(data={"fails": "always"})))
    for message in stage.queue.values():
        message.system["AWSTraceHeader"] = HEADER
    stage.drain()
    assert stage.decisions() == ["dead"]
    assert HEADER not in str(stage.rows()) + str([vars(each) for each in stage.dead])
