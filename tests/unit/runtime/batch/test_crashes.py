"""Workers that crash, responses that are lost, and clocks that are wrong: no event is lost."""

import itertools
from collections import Counter
from typing import Any

import pytest

from functions.runtime import Event, Permanent, Run
from tests.stage import Killed, Stage, lost_reply, on
from tests.unit.runtime.batch.emitter import Emitter, both, effects, event


@both
@pytest.mark.parametrize("call", ["statements", "get"])
def test_a_lost_reply_of_the_ledger(stage: Stage, call: str) -> None:
    """The call took effect, but its response was lost: claimed runs are taken over, settled runs are duplicates."""
    for strike in (1, 2, 3):
        stage.send(event(strike))
        calls = itertools.count(1)

        def fail(called: str, when: str, strike: int = strike, calls: Any = calls) -> None:  # noqa: ANN401 - a counter
            if (called, when) == (call, "after") and next(calls) == strike:
                raise lost_reply()

        stage.fail = fail
        stage.deliver()
        stage.fail = on("none", "", Killed())
        stage.drain()
    assert stage.decisions() == ["processed"] * 3
    assert len(effects(stage)) == 3, "a repeated run repeats the ids of its events"


@both
def test_killed_in_mid_handler(stage: Stage, emitter: Emitter) -> None:
    """No event was sent yet; when the lease ends, the next attempt begins."""
    emitter.fault = lambda _event: (_ for _ in ()).throw(Killed())
    stage.send(event())
    with pytest.raises(Killed):
        stage.deliver()
    assert stage.events == []
    emitter.fault = lambda _event: None
    stage.drain()
    assert (stage.decisions(), stage.rows()[0]["attempt"], len(stage.events)) == (["processed"], 2, 1)


@both
def test_killed_between_emit_and_settle(stage: Stage, emitter: Emitter) -> None:
    """The event was sent, but the run was not settled: the second attempt sends it again, with the same id."""
    stage.fail = on("emit", "after", Killed())
    stage.send(event())
    with pytest.raises(Killed):
        stage.deliver()
    stage.drain()
    assert stage.decisions() == ["processed"]
    assert list(effects(stage).values()) == [2]
    assert emitter.handled["thing/1"] == 2


@both
def test_killed_between_dead_letter_and_settle(stage: Stage, emitter: Emitter) -> None:
    """The dead-letter queue has the message twice; when both are redriven, one runs."""

    def refuse(_event: Event) -> None:
        raise Permanent("no such customer")

    emitter.fault = refuse
    stage.fail = on("dead-letter", "after", Killed())
    stage.send(event())
    with pytest.raises(Killed):
        stage.deliver()
    stage.drain()
    assert [dead_letter["reason"] for dead_letter in stage.dead_letters()] == ["no such customer"] * 2
    assert stage.decisions() == ["rejected"]
    emitter.fault, emitter.handled = lambda _event: None, Counter()
    stage.redrive()
    stage.drain()
    assert (emitter.handled["thing/1"], stage.decisions()) == (1, ["processed"])


@both
def test_a_record_that_kills_its_worker_among_nine_good_ones(stage: Stage, emitter: Emitter) -> None:
    """After its last attempt it is dead; the others are processed, with at most one more attempt."""

    def kill(handled: Event) -> None:
        if handled.subject == "thing/5":
            raise Killed

    emitter.fault = kill
    stage.send(*(event(number) for number in range(10)))
    for _ in range(50):
        try:
            stage.drain()
            break
        except Killed:
            pass
    decided = {row["pk"]: (str(row["decision"]), int(row["attempt"])) for row in stage.rows()}
    assert decided.pop("thing/5")[0] == "dead"
    assert {decision for decision, _ in decided.values()} == {"processed"}
    assert max(attempt for _, attempt in decided.values()) <= 2
    assert [dead_letter["subject"] for dead_letter in stage.dead_letters()] == ["thing/5"]


@both
def test_a_clock_that_goes_wrong(stage: Stage, emitter: Emitter) -> None:
    """A worker with a clock an hour ahead takes a run over too soon; then the first worker cannot settle it."""
    stage.send(event(), event())
    first, second = list(stage.queue)

    def ahead(_event: Event) -> None:
        emitter.fault = lambda _event: None
        stage.now += 3_600_000
        stage.deliver(second)

    emitter.fault = ahead
    stage.deliver(first)
    stage.drain()
    assert stage.decisions() == ["processed"]
    assert len(effects(stage)) == 1


@both
def test_other_emits_after_a_deployment(stage: Stage, emitter: Emitter) -> None:
    """When a new version emits other events in the next attempt, no id is used for two different events."""
    stage.fail = on("emit", "after", Killed())
    stage.send(event())
    with pytest.raises(Killed):
        stage.deliver()

    def newer(handled: Event, run: Run) -> None:
        run.emit("thing.begun", {}, subject=handled.subject)
        run.emit("thing.done", {"of": handled.subject}, subject="thing/elsewhere")
        run.emit("thing.done", {"of": handled.subject}, subject=handled.subject)

    stage.handle = newer
    stage.drain()
    by_id = {each["id"]: (each["type"], each["subject"]) for each in stage.events}
    assert all(by_id[each["id"]] == (each["type"], each["subject"]) for each in stage.events)
    assert len(by_id) == 3
    assert emitter.handled["thing/1"] == 1
