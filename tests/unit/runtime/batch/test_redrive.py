"""Dead letters that are moved back to the queue."""

from collections import Counter

from functions.runtime import Event, Permanent
from tests.stage import Stage, on, throttled
from tests.unit.runtime.batch.emitter import Emitter, both, effects, event


@both
def test_redriven_twice(stage: Stage, emitter: Emitter) -> None:
    """Of two copies of one dead letter, moved back by two operators, one runs."""
    reject_one(stage, emitter)
    dead_letter = stage.dead.pop()
    for _ in range(2):
        stage.send(dead_letter.body, attributes=dead_letter.attributes)
    stage.drain()
    assert (emitter.handled["thing/1"], stage.decisions()) == (1, ["processed"])


@both
def test_redriven_while_it_still_fails(stage: Stage, emitter: Emitter) -> None:
    """Each redrive starts the next generation, with all attempts."""
    reject_one(stage, emitter)
    emitter.fault = refuse_all
    for generation in (1, 2, 3):
        stage.redrive()
        stage.drain()
        assert [dead_letter["generation"] for dead_letter in stage.dead_letters()] == [generation]
    assert stage.decisions() == ["rejected"]


@both
def test_a_redriven_run_keeps_its_identity(stage: Stage, emitter: Emitter) -> None:
    """Its events have the same ids as before the redrive, so consumers recognize duplicates."""
    stage.fail = on("emit", "after", throttled(), times=3)
    stage.send(event())
    stage.drain()
    assert stage.decisions() == ["dead"]
    stage.redrive()
    stage.drain()
    assert stage.decisions() == ["processed"]
    assert (len(effects(stage)), len(stage.events)) == (1, 4)
    assert emitter.handled["thing/1"] == 4


def reject_one(stage: Stage, emitter: Emitter) -> None:
    """Reject one event, then repair the handler."""
    emitter.fault = refuse_all
    stage.send(event())
    stage.deliver()
    assert len(stage.dead) == 1
    emitter.fault, emitter.handled = lambda _event: None, Counter()


def refuse_all(_event: Event) -> None:
    """Reject every event."""
    raise Permanent("still broken")
