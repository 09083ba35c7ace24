"""A wake runs once, unless a newer event of its subject was processed by then."""

import pytest

from functions.runtime import Event, Permanent, Run
from tests.unit.runtime.batch.wakes.reminder import CANCELED, MINUTE_MS, RAN, Reminder, at, rows, sent, staged


def test_a_newer_event_cancels_a_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each event replaces the previous wake: only the last wake runs, and the row of the other has the reason."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    stage.send(sent(2))
    stage.drain()
    assert [data for _, data, _ in handle.woken] == [{"of": "e2"}]
    assert rows(stage) == [RAN, CANCELED]


def test_an_older_event_that_comes_late_cancels_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is stale, and the wake of the newest event stays valid."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(2))
    stage.deliver()
    stage.send(sent(1))
    stage.drain()
    assert handle.events == ["e2"]
    assert rows(stage) == [RAN]


def test_a_newer_event_that_is_rejected_cancels_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No newer event of the subject was processed, so the wake stays valid."""
    handle = Reminder(10)

    def refuse(event: Event) -> None:
        if event.id == "e2":
            raise Permanent("no")

    handle.fail = refuse
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    stage.send(sent(2))
    stage.drain()
    assert [data for _, data, _ in handle.woken] == [{"of": "e1"}]


def test_a_wake_does_not_change_the_order_of_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """After it, the next event runs, `previous` is the event before, and a copy of that event is a duplicate."""
    previous = []
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)

    def record(event: Event, run: Run) -> None:
        previous.append(run.previous.id if run.previous else None)
        handle(event, run)

    stage.handle = record
    stage.send(sent(1))
    stage.drain()
    stage.send(sent(1), sent(2))
    stage.drain()
    assert handle.events == ["e1", "e2"]
    assert previous == [None, "e1", "e1", "e2"]


def test_a_wake_that_is_received_twice_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The copies are in one batch, or the second one is received after the first was processed."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    (wake,) = stage.queue.values()
    stage.send(wake.body, wake.body)
    stage.drain()
    stage.send(wake.body)
    stage.drain()
    assert len(handle.woken) == 1
    assert rows(stage) == [RAN]


def test_a_newer_event_in_the_same_batch_cancels_a_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are due at once: the event is handled, and the wake is canceled."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    stage.now += 10 * MINUTE_MS
    stage.send(sent(2, time=at(stage.now)))
    stage.deliver()
    assert (handle.events, handle.woken) == (["e1", "e2"], [])
    assert rows(stage) == [CANCELED]
