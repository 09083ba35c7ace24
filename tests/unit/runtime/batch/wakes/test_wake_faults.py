"""Wakes when workers crash and SQS fails: one wake runs."""

import itertools
from collections.abc import Callable
from contextlib import suppress

import pytest

from functions.runtime import Event
from tests.stage import Killed, lost_reply, on, throttled
from tests.unit.runtime.batch.wakes.reminder import (
    BEGAN_MS,
    CANCELED,
    MINUTE_MS,
    RAN,
    REPLACED,
    Reminder,
    at,
    rows,
    sent,
    staged,
)


def test_a_wake_waits_for_the_run_that_asked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker crashes between sending the wake and settling: the next attempt asks again, and one wake runs."""
    handle = Reminder(0)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.fail = on("wake", "after", Killed())
    with suppress(Killed):
        stage.deliver()
    stage.now += 2_000
    stage.deliver()  # only the wake: the message of its run is still hidden
    assert (handle.woken, rows(stage)) == ([], [])
    stage.drain()
    assert len(handle.woken) == 1
    assert rows(stage) == [RAN, REPLACED]


def test_a_wake_that_overtakes_the_settling_of_its_run_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker receives the wake before its run is settled: it is put back, and runs later."""
    handle = Reminder(0)
    stage = staged(handle, monkeypatch)
    seen = []

    def overtake(call: str, when: str) -> None:
        if (call, when) == ("wake", "after"):
            stage.now += 1_000
            seen.append(stage.deliver("m2"))

    stage.fail = overtake
    stage.send(sent(1))
    stage.deliver()
    assert (seen, handle.woken) == ([["m2"]], [])
    stage.drain()
    assert len(handle.woken) == 1
    assert rows(stage) == [RAN]


def test_a_wake_of_a_purged_run_is_canceled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that asked is never settled: two hours after its lease, its wake is canceled."""
    handle = Reminder(0)
    stage = staged(handle, monkeypatch)
    (asking,) = stage.send(sent(1))
    stage.fail = on("wake", "after", Killed())
    with suppress(Killed):
        stage.deliver()
    del stage.queue[asking]
    stage.drain()
    assert rows(stage) == [REPLACED]
    assert stage.now - BEGAN_MS < 3 * 3_600_000


@pytest.mark.parametrize("error", [lost_reply, throttled])
def test_a_run_is_retried_when_sqs_does_not_accept_its_wake(
    error: Callable[[], Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not SQS accepted the wake, one wake runs; the row has no wake that was not sent."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.fail = on("wake", "after" if error is lost_reply else "before", error())
    stage.deliver()
    (row,) = stage.rows()
    assert (row["decision"], row["reason"]) == ("retrying", "the wake was not sent: no response")
    assert "effects" not in row
    stage.drain()
    assert [minute for minute, _, _ in handle.woken] == [10]


def test_a_refused_wake_does_not_affect_other_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two runs, one is retried."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.refuse_wake = lambda text: "thing/1" in text
    stage.send(sent(1), sent(1, subject="thing/2"))
    stage.deliver()
    assert {row["pk"]: str(row["decision"]) for row in stage.rows()} == {"thing/1": "retrying", "thing/2": "processed"}


def test_an_early_wake_that_cannot_be_sent_again_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays in the queue and is sent again later."""
    handle = Reminder(40)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    stage.now += 15 * MINUTE_MS
    stage.fail = on("wake", "before", throttled())
    assert len(stage.deliver()) == 1
    stage.drain()
    assert [minute for minute, _, _ in handle.woken] == [40]


def test_a_failed_run_of_a_wake_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wake has several attempts; a newer event in between cancels the next attempt."""
    handle = Reminder(10)
    fails = iter([True])

    def fail_once(event: Event) -> None:
        if event.woken and next(fails, False):
            raise TimeoutError

    handle.fail = fail_once
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.drain()
    assert len(handle.woken) == 1
    fails = iter([True])
    stage.send(sent(2, time=at(stage.now)))
    stage.deliver()
    stage.now += 10 * MINUTE_MS
    stage.deliver()
    stage.send(sent(3))
    stage.drain()
    assert [data["of"] for _, data, _ in handle.woken] == ["e1", "e3"]
    assert rows(stage) == [RAN, RAN, CANCELED]


def test_a_wake_without_a_row_of_its_own_is_processed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The subject's row records that it ran: the next delivery writes the missing row, and does not run it again."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    stage.now += 10 * MINUTE_MS
    calls = itertools.count(1)

    def lose_third(call: str, when: str) -> None:
        if (call, when) == ("statements", "before") and next(calls) == 3:
            raise TimeoutError

    stage.fail = lose_third
    assert len(stage.deliver()) == 1
    assert rows(stage) == []
    stage.drain()
    assert len(handle.woken) == 1
    ((decision, _),) = rows(stage)
    assert decision == "processed"


def test_a_dead_wake_is_redriven_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redriven twice, it runs once, unless a newer event was processed."""
    handle = Reminder(10)

    def fail(event: Event) -> None:
        if event.woken:
            raise TimeoutError

    handle.fail = fail
    stage = staged(handle, monkeypatch)
    stage.send(sent(1), sent(1, subject="thing/2"))
    stage.drain()
    assert [dead_letter["decision"] for dead_letter in stage.dead_letters()] == ["dead", "dead"]
    handle.fail = lambda _event: None
    stage.send(sent(2, subject="thing/2"))
    copies = list(stage.dead)
    stage.redrive()
    for copy in copies:
        stage.send(copy.body, attributes=copy.attributes)
    stage.drain()
    assert [data["of"] for _, data, _ in handle.woken] == ["e1", "e2"]


def test_a_redriven_run_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wake of the dead attempt is canceled; the redriven run asks for a wake that runs."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch, MAX_ATTEMPTS="1")
    stage.send(sent(1))
    stage.fail = on("wake", "after", lost_reply())
    stage.deliver()
    stage.drain()
    assert (rows(stage), len(stage.dead)) == ([REPLACED], 1)
    stage.redrive()
    stage.drain()
    assert rows(stage) == [RAN, REPLACED]
