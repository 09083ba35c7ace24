"""Wakes: a function runs again for a subject at a later time."""

import json
from datetime import timedelta

import pytest

from functions.runtime import Event, Run
from functions.runtime.envelopes.envelope import parse
from tests.events import body, object_created
from tests.stage import Stage, install
from tests.unit.runtime.batch.wakes.reminder import BEGAN_MS, CANCELED, MINUTE_MS, RAN, Reminder, at, rows, sent, staged


@pytest.mark.parametrize("minutes", [0.5, 10, 15, 16, 45, 24 * 60])
def test_a_wake_runs_when_it_is_due(minutes: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its data and the state of the run that asked; past 15 minutes it takes several messages."""
    handle = Reminder(minutes)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.drain()
    assert handle.woken == [(minutes, {"of": "e1"}, {"last": "e1"})]
    assert rows(stage) == [RAN]
    assert stage.calls["wake"] == max(1, -(-minutes // 15))


def test_an_event_of_the_past_wakes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait begins at the time of the event, not of its run: an hour later it is over."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1, time=at(BEGAN_MS - 60 * MINUTE_MS)))
    stage.drain()
    assert [minute * 60 for minute, _, _ in handle.woken] == [1]


@pytest.mark.parametrize("time", [at(BEGAN_MS + 10**9), "tomorrow"])
def test_a_producer_with_a_wrong_clock_delays_no_wake(time: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time that is in the future or cannot be read counts as now."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1, time=time))
    stage.drain()
    assert [minute for minute, _, _ in handle.woken] == [10]


def test_a_wake_may_ask_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """The times do not drift, and the chain goes on until the next event."""
    minutes, subjects = [], []

    def tick(event: Event, run: Run) -> None:
        subjects.append(event.lineage.depth)
        minutes.append((stage.now - BEGAN_MS) / MINUTE_MS)
        if event.id != "e2":
            run.wake(after=timedelta(minutes=5))

    stage = install(Stage(tick), monkeypatch, ORDER="newest", WAKES="true")
    stage.send(sent(1))
    for _ in range(40):
        stage.now = max(stage.now, min(message.visible_at for message in stage.queue.values()))
        stage.deliver()
    assert minutes == [5 * number for number in range(40)]
    assert set(subjects) == {0}
    stage.send(sent(2))
    stage.drain()
    assert rows(stage)[-1] == CANCELED


def test_events_of_wakes_are_newer_than_those_of_earlier_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """By their sequences, a consumer orders them as event, wake, next wake, next event."""

    def emit_and_ask(event: Event, run: Run) -> None:
        run.emit("thing.done", {"of": event.type}, subject=event.subject)
        if event.lag_ms(BEGAN_MS) >= -5 * MINUTE_MS:  # type: ignore[operator] # these events have a time
            run.wake(after=timedelta(minutes=5))

    stage = install(Stage(emit_and_ask), monkeypatch, ORDER="newest", WAKES="true")
    stage.send(sent(1))
    stage.drain()
    stage.send(sent(10, sequence="10"))
    stage.drain()
    sequences = [each["sequence"] for each in stage.events]
    assert [each["data"]["of"] for each in stage.events[:4]] == [
        "customer.created",
        *["herald.wake"] * 2,
        "customer.created",
    ]
    assert sequences == sorted(set(sequences))


def test_a_wake_has_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cause is the run that asked, and its correlation id is the same; the row of that run names the wake."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1, correlationid="c1"))
    stage.drain()
    asking, woken = sorted(stage.rows(), key=lambda row: row["first_at"])
    assert asking["effects"] == [{"kind": "wake", "id": woken["facts"]["id"], "time": woken["facts"]["time"]}]
    assert woken["facts"]["time"] == "2027-01-15T08:10:00.000+00:00"
    assert woken["correlation_id"] == "c1"
    assert woken["cause"] == {"subject": "thing/1", "function": "f", "event_id": "e1"}


def test_wakes_of_a_replay_with_new_have_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its wakes carry the name of the replay, also when sent again, and do not replace the wake of the first run."""
    handle = Reminder(40)
    stage = staged(handle, monkeypatch)
    replayed = {"herald": {"stringValue": json.dumps({"replay": "again", "anew": True})}}
    stage.send(sent(1))
    stage.send(sent(1), attributes=replayed)
    stage.drain()
    assert [minute for minute, _, _ in handle.woken] == [40, 40]
    assert sorted(str(row.get("replay")) for row in stage.rows()) == ["None", "None", "again", "again"]


def test_a_renamed_function_receives_earlier_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its runs keep the keys of its first name."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    table, queue = stage.table, stage.queue
    handle.stage = renamed = install(
        Stage(handle), monkeypatch, ORDER="newest", WAKES="true", FUNCTION="g", FIRST_NAME="f"
    )
    renamed.table, renamed.queue = table, queue
    renamed.drain()
    assert rows(renamed) == [RAN]
    assert len(handle.woken) == 1


def test_a_wake_reads_the_object_of_the_previous_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wake has no object; `previous` has the object and its version."""
    found = []

    def handle(event: Event, run: Run) -> None:
        if event.woken:
            found.append((event.object, run.previous and run.previous.object))
        else:
            run.wake(after=timedelta(minutes=1))

    monkeypatch.setattr("functions.runtime.run.objects.head", lambda *_: None)
    stage = install(Stage(handle), monkeypatch, ORDER="newest", WAKES="true")
    event = object_created("inventories/a.json", "v1")
    stage.send(body(event))
    stage.drain()
    assert found == [(None, parse(body(event)).object)]


def test_a_function_without_wakes_makes_no_additional_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows have no attributes of wakes either."""
    stage = install(Stage(lambda _event, _run: None), monkeypatch, ORDER="newest")
    stage.send(sent(1))
    stage.deliver()
    assert stage.calls == {"get": 1, "statements": 3}
    assert not any({"wake", "woken"} & item.keys() for item in stage.table.items.values())
