"""Copies of an event: each event runs once, and an id that is reused with different content is rejected."""

import json
from typing import Any

from functions.runtime import Event, Transient
from tests.stage import Stage
from tests.unit.runtime.batch.emitter import Emitter, both, effects, event


@both
def test_a_duplicate_in_sequence(stage: Stage, emitter: Emitter) -> None:
    """The copy is acknowledged; the handler does not receive it."""
    for _ in range(3):
        stage.send(event())
        assert stage.deliver() == []
    assert (emitter.handled["thing/1"], stage.decisions(), len(stage.events)) == (1, ["processed"], 1)


@both
def test_a_duplicate_in_one_batch(stage: Stage, emitter: Emitter) -> None:
    """The copies are one run: the others are claimed after the first is settled, and are duplicates."""
    stage.send(event(), event(), event(2), event())
    assert stage.deliver() == []
    assert (emitter.handled["thing/1"], stage.decisions()) == (1, ["processed", "processed"])


@both
def test_a_copy_of_a_failed_event_waits_in_the_queue(stage: Stage, emitter: Emitter) -> None:
    """A copy does not bypass the backoff."""

    def fail(_event: Event) -> None:
        raise Transient("not now")

    emitter.fault = fail
    stage.send(event(), event())
    assert len(stage.deliver()) == 2
    assert (emitter.handled["thing/1"], stage.rows()[0]["attempt"]) == (1, 1)


@both
def test_the_same_id_with_other_content(stage: Stage, emitter: Emitter) -> None:
    """The second event is dead-lettered; the row of the first does not change."""
    stage.send(event(data={"n": 1}))
    stage.deliver()
    stage.send(event(data={"n": 2}))
    assert stage.deliver() == []
    assert (emitter.handled["thing/1"], stage.decisions()) == (1, ["processed"])
    (dead_letter,) = stage.dead_letters()
    assert (dead_letter["error"], dead_letter["reason"]) == (
        "IdReused",
        "the event id was already used with different content",
    )


@both
def test_a_replay_without_new_is_a_duplicate(stage: Stage, emitter: Emitter) -> None:
    """A processed event does not run again."""
    stage.send(event())
    stage.deliver()
    stage.send(event(), attributes=replayed(anew=False))
    assert stage.deliver() == []
    assert emitter.handled["thing/1"] == 1


@both
def test_a_replay_with_new_runs_under_its_own_keys(stage: Stage, emitter: Emitter) -> None:
    """Each replay name is one more run with its own effects; the rows have the subject and the id in common."""
    stage.send(event())
    stage.deliver()
    for _ in range(2):
        stage.send(event(), attributes=replayed(anew=True))
        assert stage.deliver() == []
    assert emitter.handled["thing/1"] == 2
    assert (len(stage.rows()), len(effects(stage))) == (2, 2)
    first, second = sorted(stage.rows(), key=lambda row: len(row["sk"]))
    assert (second["sk"], second["replay"]) == (first["sk"].replace("f#", "f@again#"), "again")


def replayed(*, anew: bool) -> dict[str, Any]:
    """Return the attribute of a replayed message."""
    return {"herald": {"stringValue": json.dumps({"replay": "again", "anew": anew})}}
