"""Faults, each with the outcome that was promised: nothing lost, nothing twice, nothing unexplained."""

import contextlib
import itertools
import json
import threading
import time
from collections import Counter
from typing import Any

import pytest

from functions.runtime import Event, Permanent, Run, Transient
from tests.events import body, cloud_event, object_created
from tests.stage import Killed, Stage, install, lost_reply, on, throttled

both = pytest.mark.parametrize("order", ["none", "newest"])


class Emitter:
    """A handler that emits one event for each it handles, and strikes when its `fault` does."""

    def __init__(self) -> None:
        """Count what is handled."""
        self.handled: Counter[str] = Counter()
        self.fault: Any = lambda _event: None

    def __call__(self, event: Event, run: Run) -> None:
        """Handle one event."""
        self.handled[event.subject] += 1
        run.emit("thing.done", {"of": event.subject}, subject=event.subject)
        self.fault(event)


@pytest.fixture
def emitter() -> Emitter:
    """Make a handler."""
    return Emitter()


@pytest.fixture
def stage(emitter: Emitter, order: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Set the runtime on a stage, once without and once with an order."""
    return install(Stage(emitter), monkeypatch, ORDER=order)


def event(number: int = 1, sequence: str = "1", **fields: Any) -> str:  # noqa: ANN401 - attributes of CloudEvents
    """Return an event about a subject of its own."""
    return body(cloud_event(id=f"e{number}", subject=f"thing/{number}", sequence=sequence, **fields))


def effects(stage: Stage) -> Counter[str]:
    """Count the events that left, by their ids: a consumer acts once for each."""
    return Counter(each["id"] for each in stage.events)


@both
def test_a_duplicate_in_sequence(stage: Stage, emitter: Emitter) -> None:
    """The copy is acknowledged; the handler does not see it."""
    for _ in range(3):
        stage.send(event())
        assert stage.deliver() == []
    assert (emitter.handled["thing/1"], stage.decisions(), len(stage.events)) == (1, ["processed"], 1)


@both
def test_a_duplicate_in_one_batch(stage: Stage, emitter: Emitter) -> None:
    """Twins are one run; the others are decided after it is settled."""
    stage.send(event(), event(), event(2), event())
    assert stage.deliver() == []
    assert (emitter.handled["thing/1"], stage.decisions()) == (1, ["processed", "processed"])


@both
def test_a_twin_of_what_failed_waits_in_the_queue(stage: Stage, emitter: Emitter) -> None:
    """A copy is no second chance without backoff."""

    def fail(_event: Event) -> None:
        raise Transient("not now")

    emitter.fault = fail
    stage.send(event(), event())
    assert len(stage.deliver()) == 2
    assert (emitter.handled["thing/1"], stage.rows()[0]["attempt"]) == (1, 1)


@both
@pytest.mark.parametrize("call", ["statements", "get"])
def test_a_lost_reply_of_the_ledger(stage: Stage, call: str) -> None:
    """The call took effect, its answer did not come: what is claimed is taken over, what is settled is a duplicate."""
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
    assert len(effects(stage)) == 3, "whoever repeats a run repeats its ids"


@both
def test_killed_in_mid_handler(stage: Stage, emitter: Emitter) -> None:
    """Nothing left yet; the lease ends, and the next attempt begins."""
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
    """The event left and the ledger does not know: the second attempt emits the same id, which every consumer knows."""
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
    """The letter lies there twice rather than never; both redriven, one runs."""

    def refuse(_event: Event) -> None:
        raise Permanent("no such customer")

    emitter.fault = refuse
    stage.fail = on("bury", "after", Killed())
    stage.send(event())
    with pytest.raises(Killed):
        stage.deliver()
    stage.drain()
    assert [letter["reason"] for letter in stage.letters()] == ["no such customer"] * 2
    assert stage.decisions() == ["rejected"]
    emitter.fault, emitter.handled = lambda _event: None, Counter()
    stage.redrive()
    stage.drain()
    assert (emitter.handled["thing/1"], stage.decisions()) == (1, ["processed"])


@both
def test_a_record_that_kills_its_worker_among_nine_good_ones(stage: Stage, emitter: Emitter) -> None:
    """It is declared dead in the end; each neighbour is processed, having spent one attempt on its company."""

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
    assert [letter["subject"] for letter in stage.letters()] == ["thing/5"]


@both
def test_a_record_that_hangs_among_nine_good_ones(stage: Stage, emitter: Emitter) -> None:
    """Its share of the time ends; it alone is tried again, and the others are processed in the same invocation."""
    stage.left_ms = 2_000 + 1_000

    def hang(handled: Event) -> None:
        if handled.subject == "thing/5" and emitter.handled["thing/5"] == 1:
            threading.Event().wait(20)

    emitter.fault = hang
    stage.send(*(event(number) for number in range(10)))
    began = time.monotonic()
    assert len(stage.deliver()) == 1
    assert time.monotonic() - began < 10
    decided = {row["pk"]: row for row in stage.rows()}
    assert Counter(str(row["decision"]) for row in decided.values()) == {"processed": 9, "retrying": 1}
    assert decided["thing/5"]["error_class"] == "TimeLimitError"
    assert "took longer than its share" in decided["thing/5"]["reason"]


@both
def test_a_handler_that_swallows_its_interruption_is_interrupted_again(stage: Stage, emitter: Emitter) -> None:
    """Not even a bare `except` around what hangs holds the batch for ever."""
    stage.left_ms = 2_000 + 200

    def stubborn(_event: Event) -> None:
        try:
            threading.Event().wait(20)
        except BaseException:  # noqa: BLE001 - the mistake that is tested
            threading.Event().wait(20)

    emitter.fault = stubborn
    stage.send(event())
    assert len(stage.deliver()) == 1
    assert stage.decisions() == ["retrying"]


@both
def test_an_interruption_passes_by_except_exception(stage: Stage, emitter: Emitter) -> None:
    """Whoever tries again after any error, as botocore does, is not given a second share of the time."""
    stage.left_ms = 2_000 + 200
    tries = itertools.count()

    def persistent(_event: Event) -> None:
        for _ in itertools.islice(tries, 3):
            with contextlib.suppress(Exception):
                threading.Event().wait(20)

    emitter.fault = persistent
    stage.send(event())
    assert len(stage.deliver()) == 1
    assert (next(tries), stage.rows()[0]["error_class"]) == (1, "TimeLimitError")


@both
def test_what_has_no_time_left_is_released(stage: Stage, emitter: Emitter) -> None:
    """Claimed but not begun: it goes back at once, and no attempt is spent."""
    stage.left_ms = 1_500
    stage.send(event(), event(2))
    assert len(stage.deliver()) == 2
    assert emitter.handled == {}
    stage.left_ms = 30_000
    stage.drain()
    assert [(str(row["decision"]), int(row["attempt"])) for row in stage.rows()] == [("processed", 1)] * 2


@both
def test_an_exception_after_an_effect(stage: Stage, emitter: Emitter) -> None:
    """What was emitted had not left; the attempt that succeeds lets it leave once."""

    def fail_once(_event: Event) -> None:
        if emitter.handled["thing/1"] == 1:
            raise ZeroDivisionError("after the effect")

    emitter.fault = fail_once
    stage.send(event())
    stage.drain()
    assert (stage.decisions(), list(effects(stage).values())) == (["processed"], [1])


@both
def test_a_result_over_400_kb(stage: Stage, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """What a handler returns is nobody's business: its row stays small."""
    stage = install(Stage(lambda _event, _run: "x" * 500_000), monkeypatch, ORDER=order)
    stage.send(event())
    assert stage.deliver() == []
    assert stage.decisions() == ["processed"]
    assert len(str(stage.table.items)) < 5_000


@both
def test_an_event_too_large_for_the_bus(monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """It is refused with its size before anything leaves."""

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


@both
def test_many_events_leave_in_calls_that_the_bus_takes(monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """PutEvents bounds the entries of a call and their bytes together."""

    def handle(handled: Event, run: Run) -> None:
        for _ in range(5):
            run.emit("thing.done", {"text": "x" * 400_000}, subject=handled.subject)

    stage = install(Stage(handle), monkeypatch, ORDER=order)
    stage.send(event())
    assert stage.deliver() == []
    assert (len(stage.events), stage.calls["emit"]) == (5, 3)


@both
def test_the_same_id_with_other_content(stage: Stage, emitter: Emitter) -> None:
    """The second is buried beside the first, whose row stays as it is."""
    stage.send(event(data={"n": 1}))
    stage.deliver()
    stage.send(event(data={"n": 2}))
    assert stage.deliver() == []
    assert (emitter.handled["thing/1"], stage.decisions()) == (1, ["processed"])
    ((letter),) = stage.letters()
    assert (letter["error"], letter["reason"]) == ("ChangedPayload", "same id, other content")


@both
def test_poison_in_a_batch_of_ten(stage: Stage, emitter: Emitter) -> None:
    """Nine are processed; the poison is in the dead-letter queue with its reason."""

    def refuse(handled: Event) -> None:
        if handled.subject == "thing/3":
            raise Permanent("poison")

    emitter.fault = refuse
    stage.send(*(event(number) for number in range(10)))
    assert stage.deliver() == []
    assert Counter(stage.decisions()) == {"processed": 9, "rejected": 1}
    assert [letter["reason"] for letter in stage.letters()] == ["poison"]


@both
def test_a_whole_batch_that_fails(stage: Stage, emitter: Emitter) -> None:
    """Each is tried as often as declared, and then lies in the dead-letter queue."""

    def fail(_event: Event) -> None:
        raise Transient("everything is down")

    emitter.fault = fail
    stage.send(*(event(number) for number in range(10)))
    assert len(stage.deliver()) == 10
    stage.drain()
    assert set(emitter.handled.values()) == {3}
    assert Counter(stage.decisions()) == {"dead": 10}
    assert len(stage.letters()) == 10


@both
@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("not json", "the body is not JSON"),
        (body(cloud_event(specversion="2.0")), "detail.specversion is '2.0', not '1.0'"),
        ('{"source": "x", "detail": {}, "id": "1", "time": "now"}', "detail-type is missing"),
    ],
)
def test_what_is_no_event(stage: Stage, emitter: Emitter, message: str, reason: str) -> None:
    """It is rejected with what is wrong with it, and a good neighbour is processed."""
    stage.send(message, event())
    assert stage.deliver() == []
    assert sorted(stage.decisions()) == ["processed", "rejected"]
    assert stage.letters()[0]["reason"].startswith(reason)
    assert sum(emitter.handled.values()) == 1


def test_an_ordered_function_needs_a_sequence(monkeypatch: pytest.MonkeyPatch, emitter: Emitter) -> None:
    """Without one nothing says which is newer: the event is rejected, not guessed at."""
    stage = install(Stage(emitter), monkeypatch, ORDER="newest")
    stage.send(body(cloud_event(type="thing.happened")))
    assert stage.deliver() == []
    assert stage.letters()[0]["reason"].startswith("sequence is missing in thing.happened")


@both
def test_a_late_event_is_kept_with_its_reason(monkeypatch: pytest.MonkeyPatch, emitter: Emitter, order: str) -> None:
    """Older than the function accepts: never dropped, and whoever redrives it knows how old it is."""
    stage = install(Stage(emitter), monkeypatch, ORDER=order, MAX_AGE_SECONDS="3600")
    stage.send(event(), event(2, time="2027-01-15T07:30:00Z"))
    assert stage.deliver() == []
    assert sorted(stage.decisions()) == ["late", "processed"]
    (letter,) = stage.letters()
    assert (letter["decision"], letter["subject"]) == ("late", "thing/1")
    assert letter["reason"].endswith("s old; the function accepts 3,600")
    stage.redrive()
    stage.drain()
    assert stage.decisions() == ["processed"] * 2


@both
def test_a_clock_that_goes_wrong(stage: Stage, emitter: Emitter) -> None:
    """A worker whose clock runs an hour ahead takes a run over too soon; the first one can then settle nothing."""
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
@pytest.mark.parametrize("call", ["statements", "get"])
def test_the_ledger_throttled(stage: Stage, emitter: Emitter, call: str) -> None:
    """Nothing runs that is not claimed; when it answers again, everything does."""
    stage.fail = on(call, "before", throttled(), times=6)
    stage.send(*(event(number) for number in range(10)))
    stage.deliver()
    for name, handled in emitter.handled.items():
        assert handled == 1, name
    stage.drain()
    assert Counter(stage.decisions()) == {"processed": 10}
    assert len(effects(stage)) == 10


@both
def test_the_ledger_answers_half(stage: Stage, emitter: Emitter) -> None:
    """What it leaves out is asked again; what it never answers goes back to the queue."""
    stage.reply = lambda answers: answers[: len(answers) // 2]
    stage.send(*(event(number) for number in range(10)))
    assert len(stage.deliver()) > 0
    assert not [row for row in stage.rows() if row["decision"] == "processed" and not emitter.handled[row["pk"]]]
    stage.reply = lambda answers: answers
    stage.drain()
    assert Counter(stage.decisions()) == {"processed": 10}
    assert len(effects(stage)) == 10


@both
def test_the_bus_refuses_in_part(stage: Stage, emitter: Emitter) -> None:
    """Only what was refused is put again; no entry that was taken leaves twice."""
    tries: Counter[str] = Counter()

    def refuse(entry: dict[str, Any]) -> bool:
        name = json.loads(entry["Detail"])["id"]
        tries[name] += 1
        return tries[name] == 1 and len(tries) % 2 == 0

    stage.refuse = refuse

    def six(handled: Event, run: Run) -> None:
        for number in range(6):
            run.emit("a.b", {"n": number}, subject=handled.subject)

    stage.handle = six
    stage.send(event())
    assert stage.deliver() == []
    assert (len(effects(stage)), set(effects(stage).values()), stage.calls["emit"]) == (6, {1}, 2)
    assert emitter.handled == {}


@both
def test_redriven_twice(stage: Stage, emitter: Emitter) -> None:
    """Two copies of one dead letter, moved back by two operators: one runs."""
    bury(stage, emitter)
    letter = stage.dead.pop()
    for _ in range(2):
        stage.send(letter.body, attributes=letter.attributes)
    stage.drain()
    assert (emitter.handled["thing/1"], stage.decisions()) == (1, ["processed"])


@both
def test_redriven_while_it_still_fails(stage: Stage, emitter: Emitter) -> None:
    """It comes back with the next generation and with fresh attempts, as often as it is redriven."""
    bury(stage, emitter)
    emitter.fault = refuse_all
    for generation in (1, 2, 3):
        stage.redrive()
        stage.drain()
        assert [letter["generation"] for letter in stage.letters()] == [generation]
    assert stage.decisions() == ["rejected"]


@both
def test_a_redriven_run_keeps_its_identity(stage: Stage, emitter: Emitter) -> None:
    """Its effects have the ids they would have had: what had left before is a duplicate to every consumer."""
    stage.fail = on("emit", "after", throttled(), times=3)
    stage.send(event())
    stage.drain()
    assert stage.decisions() == ["dead"]
    stage.redrive()
    stage.drain()
    assert stage.decisions() == ["processed"]
    assert (len(effects(stage)), len(stage.events)) == (1, 4)
    assert emitter.handled["thing/1"] == 4


@both
def test_other_emits_after_a_deployment(stage: Stage, emitter: Emitter) -> None:
    """A new version that emits other events between two attempts takes no id of another event."""
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


def test_functions_that_run_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Depth grows with every hop; past the limit the run is rejected, and its reason names the chain."""
    stage = install(Stage(lambda e, r: r.emit("thing.done", {}, subject=e.subject)), monkeypatch)
    stage.send(event())
    for _ in range(30):
        stage.deliver()
        newest, stage.events = stage.events, []
        stage.send(*(body(cloud_event(**each)) for each in newest))
    assert not stage.queue
    ((letter),) = stage.letters()
    assert letter["reason"] == f"depth 17 is past the limit of 16: {' → '.join(['f'] * 17)}"


@both
def test_a_replay_without_new_is_a_duplicate(stage: Stage, emitter: Emitter) -> None:
    """What was processed is not run again."""
    stage.send(event())
    stage.deliver()
    stage.send(event(), attributes=replayed(anew=False))
    assert stage.deliver() == []
    assert emitter.handled["thing/1"] == 1


@both
def test_a_replay_with_new_runs_under_its_own_keys(stage: Stage, emitter: Emitter) -> None:
    """Once for each name of a replay, with effects of their own; the ledger links the rows by their subject and id."""
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


def refuse_all(_event: Event) -> None:
    """Refuse whatever comes."""
    raise Permanent("still broken")


def bury(stage: Stage, emitter: Emitter) -> None:
    """Let one event be rejected, and the handler be mended."""
    emitter.fault = refuse_all
    stage.send(event())
    stage.deliver()
    assert len(stage.dead) == 1
    emitter.fault, emitter.handled = lambda _event: None, Counter()


def test_an_s3_event_without_sequencer_but_with_version(monkeypatch: pytest.MonkeyPatch, emitter: Emitter) -> None:
    """Without an order it runs: only order asks for a sequence."""
    stage = install(Stage(emitter), monkeypatch)
    stage.send(body(object_created(sequencer=None)))
    monkeypatch.setattr(Run, "emit", lambda *_args, **_data: None)
    assert stage.deliver() == []
    assert stage.decisions() == ["processed"]
