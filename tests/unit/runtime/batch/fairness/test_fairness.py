"""Delays of a loud subject: only with fair = true, only with a backlog, and once per message."""

import json
import logging

import pytest

from functions.runtime.batch import fairness
from tests.stage import on, throttled
from tests.unit.runtime.batch.fairness.flood import FLOOD, QUIET, SECOND, FloodStage, fresh


def flooded(flood: FloodStage) -> tuple[float, float]:
    """Put quiet devices behind a flood; return after how many seconds the last of each were handled."""
    flood.arrive("loud", FLOOD)
    for number in range(QUIET):
        flood.arrive(f"quiet-{number}")
    since = flood.now
    flood.drain(rounds=2 * FLOOD)
    assert len(flood.handled) == FLOOD + QUIET
    return max(flood.seconds_until(f"quiet-{number}", since) for number in range(QUIET)), flood.seconds_until(
        "loud", since
    )


def test_a_flood_does_not_delay_other_subjects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The messages behind a flood take at most a third of the time, and the flood at most 2.5 times as long."""
    plain_quiet, plain_loud = flooded(fresh(monkeypatch, fair="false"))
    fair_quiet, fair_loud = flooded(fresh(monkeypatch, fair="true"))
    assert fair_quiet < plain_quiet / 3
    assert fair_loud < 2.5 * plain_loud


def test_without_fair_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither subjects nor times are remembered."""
    flooded(fresh(monkeypatch, fair="false"))
    assert fairness.fairness.cache_info().currsize == 0


def test_no_message_is_delayed_without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment updates code and configuration in two calls; in between, new code runs with old variables."""
    flood = fresh(monkeypatch, fair="true")
    monkeypatch.delenv("HERALD_FAIR")
    flooded(flood)
    assert not flood.calls["put back"]


def test_a_message_is_delayed_once(flood: FloodStage) -> None:
    """It is handled when it is received for the second time, whatever its subject."""
    flood.arrive("loud", FLOOD)
    messages = list(flood.queue.values())
    flood.drain(rounds=2 * FLOOD)
    assert {message.receives for message in messages} == {1, 2}


def test_no_message_is_delayed_without_a_backlog(flood: FloodStage) -> None:
    """A function that keeps up with a flood receives young messages."""
    for _ in range(FLOOD // 10):
        flood.arrive("loud", 10)
        flood.deliver()
    assert len(flood.handled) == FLOOD
    assert not flood.calls["put back"]


def test_no_message_is_delayed_without_a_loud_subject(flood: FloodStage) -> None:
    """Two devices send the same number of messages, and the queue has a backlog."""
    for _ in range(FLOOD // 2):
        flood.arrive("left")
        flood.arrive("right")
    flood.drain()
    assert not flood.calls["put back"]


def test_a_message_that_cannot_be_put_back_is_not_lost(flood: FloodStage) -> None:
    """If SQS refuses, the messages are handled after their visibility timeout."""
    flood.arrive("loud", 30)
    flood.deliver()
    flood.now += 5 * SECOND
    flood.fail = on("put back", "before", throttled(), times=2)
    flood.drain()
    assert len(flood.handled) == 30
    assert flood.calls["put back"] == 1


def test_delayed_messages_are_logged_in_one_line(
    flood: FloodStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line has their number, subject, reason and longest delay, but no decision."""
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")
    flood.arrive("loud", 30)
    flood.deliver()
    flood.deliver()
    flood.now += 5 * SECOND
    capsys.readouterr()
    flood.deliver()
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["message"], line["subject"], line["seconds"]) == ("f delayed 10", "device/loud", 6)
    assert line["reason"] == ("most of the latest messages are about this subject, and the queue has a backlog")
    assert not flood.rows()[20:]
