"""Wakes that are not declared, invalid or too old."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.runtime import Event, Run
from functions.runtime.core.errors import EnvelopeError, SettingsError
from functions.runtime.envelopes.envelope import parse
from tests.events import body, cloud_event
from tests.stage import Stage, install
from tests.unit.runtime.batch.wakes.reminder import Reminder, sent, staged


def test_wakes_must_be_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the declaration the role may not send wakes; the error names the missing key."""
    refused = []

    def handle(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        try:
            run.wake(after=timedelta())
        except SettingsError as error:
            refused.append(str(error))

    stage = install(Stage(handle), monkeypatch, ORDER="newest")
    stage.send(sent(1))
    stage.deliver()
    assert refused == ["run.wake needs wakes = true in [delivery] of function.toml"]


def test_a_wake_is_dead_lettered_when_wakes_are_no_longer_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment removed the key while the wake was in the queue."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    (wake,) = stage.queue.values()
    stage = install(Stage(handle), monkeypatch, ORDER="newest")
    stage.send(wake.body)
    stage.deliver()
    (dead_letter,) = stage.dead_letters()
    assert dead_letter["reason"] == ("the event is a wake, but [delivery] of function.toml no longer has wakes = true")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"after": timedelta(days=15)}, "is not between 0 and 14 days"),
        ({"after": timedelta(seconds=-1)}, "is not between 0 and 14 days"),
        (
            {"after": timedelta(), "data": {"a": "ä" * 10_000}},
            "the data of run.wake has 20,009 bytes, more than 16,384",
        ),
        ({"after": timedelta(), "data": {"a": float("nan")}}, "the data of run.wake is not JSON"),
        ({"after": timedelta(), "data": {"a": object()}}, "the data of run.wake is not JSON"),
    ],
)
def test_an_invalid_wake_is_rejected(asked: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is rejected with the fault, and no message is sent."""
    stage = install(Stage(lambda _event, run: run.wake(**asked)), monkeypatch, ORDER="newest", WAKES="true")
    stage.send(sent(1))
    stage.deliver()
    (dead_letter,) = stage.dead_letters()
    assert reason in dead_letter["reason"]
    assert stage.calls["wake"] == 0


@pytest.mark.parametrize("field", ["id", "source", "subject", "time", "sequence", "askedby", "data", "causationid"])
def test_a_wake_without_a_required_field_is_not_an_event(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only runs send wakes; a message that was changed by hand is rejected with the field."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    (wake,) = stage.queue.values()
    fields = json.loads(wake.body)
    with pytest.raises(EnvelopeError, match=field):
        parse(json.dumps({name: value for name, value in fields.items() if name != field}))


def test_an_event_of_a_bus_is_not_a_wake() -> None:
    """An EventBridge envelope has a `detail`, whatever the type of the event is."""
    event = parse(body(cloud_event(type="herald.wake", askedby="somebody")))
    assert not event.woken


def test_a_wake_that_is_too_old_is_dead_lettered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The age of a wake begins when it is due; it can exceed the limit when the function was paused."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch, MAX_AGE_SECONDS="60")
    stage.send(sent(1))
    stage.deliver()
    stage.now += 3_600_000
    stage.deliver()
    assert [dead_letter["reason"] for dead_letter in stage.dead_letters()] == [
        "the event is 3,000 s old; the function accepts at most 60 s"
    ]
