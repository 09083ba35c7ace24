"""Messages that a function rejects, each with its reason; the others of the batch are processed."""

from collections import Counter

import pytest

from functions.runtime import Event, Permanent, Run, Transient
from tests.events import body, cloud_event, object_created
from tests.stage import Stage, install
from tests.unit.runtime.batch.emitter import Emitter, both, event


@both
def test_poison_in_a_batch_of_ten(stage: Stage, emitter: Emitter) -> None:
    """Nine events are processed; the tenth is in the dead-letter queue with its reason."""

    def refuse(handled: Event) -> None:
        if handled.subject == "thing/3":
            raise Permanent("poison")

    emitter.fault = refuse
    stage.send(*(event(number) for number in range(10)))
    assert stage.deliver() == []
    assert Counter(stage.decisions()) == {"processed": 9, "rejected": 1}
    assert [dead_letter["reason"] for dead_letter in stage.dead_letters()] == ["poison"]


@both
def test_a_whole_batch_that_fails(stage: Stage, emitter: Emitter) -> None:
    """Each event has the declared number of attempts, and is then dead-lettered."""

    def fail(_event: Event) -> None:
        raise Transient("everything is down")

    emitter.fault = fail
    stage.send(*(event(number) for number in range(10)))
    assert len(stage.deliver()) == 10
    stage.drain()
    assert set(emitter.handled.values()) == {3}
    assert Counter(stage.decisions()) == {"dead": 10}
    assert len(stage.dead_letters()) == 10


@both
@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("not json", "the body is not JSON"),
        (body(cloud_event(specversion="2.0")), "detail.specversion is not '1.0'"),
        ('{"source": "x", "detail": {}, "id": "1", "time": "now"}', "detail-type is missing"),
    ],
)
def test_a_message_that_is_not_an_event(stage: Stage, emitter: Emitter, message: str, reason: str) -> None:
    """It is rejected with its fault, and a valid event in the same batch is processed."""
    stage.send(message, event())
    assert stage.deliver() == []
    assert sorted(stage.decisions()) == ["processed", "rejected"]
    assert stage.dead_letters()[0]["reason"].startswith(reason)
    assert sum(emitter.handled.values()) == 1


def test_an_ordered_function_needs_a_sequence(monkeypatch: pytest.MonkeyPatch, emitter: Emitter) -> None:
    """Events without a sequence have no order, so they are rejected."""
    stage = install(Stage(emitter), monkeypatch, ORDER="newest")
    stage.send(body(cloud_event(type="thing.happened")))
    assert stage.deliver() == []
    assert stage.dead_letters()[0]["reason"].startswith("sequence is missing in thing.happened")


def test_an_s3_event_without_sequencer_but_with_version(monkeypatch: pytest.MonkeyPatch, emitter: Emitter) -> None:
    """Without an order it runs: only `order = "newest"` needs a sequence."""
    stage = install(Stage(emitter), monkeypatch)
    stage.send(body(object_created(sequencer=None)))
    monkeypatch.setattr(Run, "emit", lambda *_args, **_data: None)
    assert stage.deliver() == []
    assert stage.decisions() == ["processed"]


@both
def test_a_late_event_is_dead_lettered_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, emitter: Emitter, order: str
) -> None:
    """An event that is older than the function accepts is not dropped; after a redrive it runs whatever its age."""
    stage = install(Stage(emitter), monkeypatch, ORDER=order, MAX_AGE_SECONDS="3600")
    stage.send(event(), event(2, time="2027-01-15T07:30:00Z"))
    assert stage.deliver() == []
    assert sorted(stage.decisions()) == ["late", "processed"]
    (dead_letter,) = stage.dead_letters()
    assert (dead_letter["decision"], dead_letter["subject"]) == ("late", "thing/1")
    assert dead_letter["reason"].endswith("s old; the function accepts at most 3,600 s")
    stage.redrive()
    stage.drain()
    assert stage.decisions() == ["processed"] * 2


@both
def test_an_event_too_large_for_the_bus(monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """The run is rejected with the size of the event, before any event is sent."""

    def handle(handled: Event, run: Run) -> None:
        run.emit("thing.done", {}, subject=handled.subject)
        run.emit("thing.done", {"text": "x" * 1_020_000}, subject=handled.subject)

    stage = install(Stage(handle), monkeypatch, ORDER=order)
    stage.send(event())
    stage.deliver()
    assert stage.events == []
    assert [str(row["decision"]) for row in stage.rows()] == ["rejected"]
    assert stage.rows()[0]["reason"].startswith("thing.done has 1,020,")
    assert stage.rows()[0]["reason"].endswith("bytes; an event has at most 967,232")


def test_functions_that_run_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Depth grows with each hop; past the limit the run is rejected, and the reason lists the chain."""
    stage = install(Stage(lambda e, r: r.emit("thing.done", {}, subject=e.subject)), monkeypatch)
    stage.send(event())
    for _ in range(30):
        stage.deliver()
        newest, stage.events = stage.events, []
        stage.send(*(body(cloud_event(**each)) for each in newest))
    assert not stage.queue
    (dead_letter,) = stage.dead_letters()
    assert dead_letter["reason"] == f"depth 17 is over the limit of 16: {' → '.join(['f'] * 17)}"
