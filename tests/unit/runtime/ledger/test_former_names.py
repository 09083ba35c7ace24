"""Rows with the former names of attributes are read: nothing runs twice, and order, state and dead letters stay."""

import json
from typing import Final

import pytest

from functions.runtime import Event, Permanent, Run
from functions.runtime.ledger.rows import FORMER_NAMES
from tests.events import body, cloud_event
from tests.stage import Stage, install

CURRENT_NAMES: Final = {current: former for former, current in FORMER_NAMES.items()}


class Handler:
    """Keeps the events, and what it received of the run before; rejects events on request."""

    def __init__(self, *, ordered: bool) -> None:
        """Accept all events; only a function with an order has a state."""
        self.ordered = ordered
        self.rejects = False
        self.runs: list[tuple[str, str | None, int]] = []

    def __call__(self, event: Event, run: Run) -> None:
        """Count the runs of the subject in its state."""
        if self.rejects:
            raise Permanent("rejected")
        if not self.ordered:
            self.runs.append((event.id, None, 0))
            return
        self.runs.append((event.id, run.previous.id if run.previous else None, run.state.get("runs", 0)))
        run.state["runs"] = run.state.get("runs", 0) + 1


@pytest.fixture(params=["none", "newest"])
def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return the runtime of a function without and with an order."""
    return install(Stage(Handler(ordered=request.param == "newest")), monkeypatch, ORDER=request.param)


def handle(stage: Stage, *numbers: int) -> list[str]:
    """Deliver the events with these numbers in one batch; return the ids of the messages that stay in the queue."""
    return stage.deliver(*stage.send(*(body(cloud_event(id=f"e{each}", sequence=f"{each}")) for each in numbers)))


def age(stage: Stage) -> None:
    """Give the attributes of all rows the names from before the renames."""
    for item in stage.table.items.values():
        for name in [each for each in item if each in CURRENT_NAMES]:
            item[CURRENT_NAMES[name]] = item.pop(name)
        if "facts" in item:
            facts = json.loads(item["facts"]["S"])
            facts["sequencer"] = facts.pop("sequence", None)
            item["facts"] = {"S": json.dumps(facts)}


def runs(stage: Stage) -> list[str]:
    """Return the ids of the events that the handler processed."""
    assert isinstance(stage.handle, Handler)
    return [event for event, _, _ in stage.handle.runs]


def test_a_processed_event_is_a_duplicate_and_its_batch_is_decided(stage: Stage) -> None:
    """A new event in the same batch runs."""
    handle(stage, 1)
    age(stage)
    assert handle(stage, 1, 2) == []
    assert runs(stage) == ["e1", "e2"]
    assert handle(stage, 1, 2) == []
    assert runs(stage) == ["e1", "e2"]


def test_a_dead_letter_is_redriven_once(stage: Stage) -> None:
    """Its row is reopened, as one with the current names."""
    assert isinstance(stage.handle, Handler)
    stage.handle.rejects = True
    handle(stage, 1)
    age(stage)
    stage.handle.rejects = False
    stage.redrive()
    stage.drain()
    age(stage)
    assert handle(stage, 1) == []
    assert runs(stage) == ["e1"]


def test_another_event_with_the_same_id_is_rejected(stage: Stage) -> None:
    """The digest of the earlier row is compared."""
    handle(stage, 1)
    age(stage)
    stage.send(body(cloud_event(id="e1", sequence="1", data={"other": True})))
    stage.drain()
    assert [each["error"] for each in stage.dead_letters()] == ["IdReused"]


@pytest.mark.parametrize("stage", ["newest"], indirect=True)
def test_the_newest_event_and_the_state_of_a_subject_stay(stage: Stage) -> None:
    """An older event is stale; the next one receives what the last one kept."""
    assert isinstance(stage.handle, Handler)
    handle(stage, 2)
    age(stage)
    assert handle(stage, 1) == []
    handle(stage, 3)
    assert stage.handle.runs == [("e2", None, 0), ("e3", "e2", 1)]
    assert sorted(stage.decisions()) == ["processed", "processed", "stale"]


def test_the_facts_of_a_row_have_their_current_name(stage: Stage) -> None:
    """`herald reconcile` and `herald why` read the sequence."""
    handle(stage, 1)
    age(stage)
    assert [row["facts"]["sequence"] for row in stage.rows()] == ["1"]
