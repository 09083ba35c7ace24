"""What a settled run leaves for the deliveries after it: with an order, of the same subject too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.runtime import Event, Permanent, Run
from functions.runtime.ledger import statements
from functions.runtime.ledger.claims import ClaimStatus
from tests.events import body, cloud_event
from tests.partiql import Table
from tests.stage import Stage, install
from tests.unit.runtime.ledger.test_ledger import LATER, LEASE_MS, both, claim, make, request, settle

type Act = Callable[[Event, Run], None]


def sent(number: int) -> str:
    """Return the number-th event of one subject."""
    return body(cloud_event(id=f"e{number}", sequence=str(number)))


def ordered(handle: Act, patch: pytest.MonkeyPatch, **changed: str) -> Stage:
    """Return a stage for a function with an order."""
    return install(Stage(handle), patch, ORDER="newest", **changed)


def row(stage: Stage, event_id: str) -> dict[str, Any]:
    """Return the row of the run of one event."""
    (found,) = [row for row in stage.rows() if row["facts"]["id"] == event_id]
    return found


def test_an_older_event_runs_at_once_after_the_newest_was_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rejected event reserves the subject no longer."""

    def reject_second(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        if event.id == "e2":
            raise Permanent("it cannot be read")

    stage = ordered(reject_second, monkeypatch)
    stage.send(sent(2))
    stage.deliver()
    stage.send(sent(1))
    assert stage.deliver() == []
    assert (row(stage, "e2")["decision"], row(stage, "e1")["decision"]) == ("rejected", "processed")


def test_another_event_with_the_sequence_of_the_processed_one_is_stale() -> None:
    """Only the processed event itself is a duplicate, also where its own row is missing."""
    table = Table()
    book = make(table, ordered=True)
    settle(book, book.claim([request("a")], LEASE_MS))
    assert claim(book, request("b", key=replace(request("b").key, identity="other"))) == [ClaimStatus.STALE]
    del table.items[request("a").key.subject, request("a").key.sk]
    assert claim(book, request("c")) == [ClaimStatus.DUPLICATE]


@pytest.mark.parametrize("order", ["none", "newest"])
def test_a_row_keeps_the_time_of_the_first_claim(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the time that a run takes nor a retry moves it."""
    tries: list[int] = []

    def work(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        stage.now += 5_000
        tries.append(stage.now)
        if len(tries) == 1:
            raise TimeoutError

    stage = install(Stage(work), monkeypatch, ORDER=order)
    began = stage.now
    stage.send(sent(1))
    stage.drain()
    assert len(tries) == 2
    assert row(stage, "e1")["first_at"] == began


def test_a_stale_event_keeps_the_generation_of_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A redriven event that is retried and then overtaken counts its redrive; an event that never ran has none."""
    faults = [Permanent("it cannot be read"), TimeoutError()]

    def work(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        if event.id == "e2":
            raise faults.pop(0)

    stage = ordered(work, monkeypatch)
    stage.send(sent(2))
    stage.deliver()
    stage.redrive()
    stage.deliver()
    stage.send(sent(3), sent(1))
    stage.drain()
    assert [(row(stage, name)["decision"], row(stage, name)["generation"]) for name in ("e1", "e2", "e3")] == [
        ("stale", 0),
        ("stale", 1),
        ("processed", 0),
    ]
    assert row(stage, "e1")["attempt"] == 0


def test_a_newer_run_without_a_wake_clears_the_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row of the subject has an empty text then, which no wake has for its id."""

    def work(event: Event, run: Run) -> None:
        if event.id == "e1":
            run.wake(after=timedelta(minutes=10))

    stage = ordered(work, monkeypatch, WAKES="true")
    wakes = []
    for number in (1, 2):
        stage.send(sent(number))
        stage.deliver()
        wakes += [item["wake"]["S"] for item in stage.table.items.values() if "wake" in item]
    assert (len(wakes), bool(wakes[0]), wakes[1]) == (2, True, "")


@pytest.mark.parametrize("order", ["none", "newest"])
def test_a_copy_without_a_generation_goes_on_with_that_of_the_row(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQS delivers the original message again after its dead letter was redriven, and is to be retried."""
    faults = [Permanent("it cannot be read"), TimeoutError()]

    def work(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        if faults:
            raise faults.pop(0)

    stage = install(Stage(work), monkeypatch, ORDER=order)
    stage.send(sent(1))
    stage.deliver()
    stage.redrive()
    stage.deliver()
    stage.queue.clear()
    stage.send(sent(1))
    stage.drain()
    assert (row(stage, "e1")["decision"], row(stage, "e1")["generation"]) == ("processed", 1)


@pytest.mark.parametrize("order", ["none", "newest"])
def test_the_error_of_a_dead_letter_is_not_left_when_its_run_succeeds(
    order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The redriven run counts its attempts from one, and writes over what the dead one left."""
    faults = [Permanent("it cannot be read")]

    def work(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        if faults:
            raise faults.pop(0)

    stage = install(Stage(work), monkeypatch, ORDER=order)
    stage.send(sent(1))
    stage.deliver()
    assert row(stage, "e1")["error_class"] == "Permanent"
    stage.redrive()
    stage.deliver()
    assert (row(stage, "e1")["decision"], row(stage, "e1")["error_class"]) == ("processed", None)


@both
def test_a_row_has_the_figures_of_its_attempt(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """When it was claimed and settled, how long it took, and how many effects have no room."""
    table = Table()
    book = make(table, ordered=ordered)
    settle(book, book.claim([request("a")], LEASE_MS), replace(LATER, effects_omitted=2, duration_ms=7))
    rows = [statements.plain(item) for item in table.items.values()]
    (settled,) = [row for row in rows if "facts" in row]
    (claimed,) = [row for row in rows if "claimed_at" in row]
    assert (settled["effects_omitted"], settled["duration_ms"]) == (2, 7)
    assert claimed["claimed_at"] <= settled["settled_at"]
