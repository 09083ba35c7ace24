"""Wakes: a function runs again at a later time, once, unless something newer of the subject was processed by then."""

import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from functions.runtime import Event, Permanent, Run
from functions.runtime.core.errors import EnvelopeError, SettingsError
from functions.runtime.envelopes.envelope import parse
from tests.events import body, cloud_event, object_created
from tests.stage import Killed, Stage, install, lost_reply, on, throttled

BEGAN_MS: Final = 1_800_000_000_000
MINUTE_MS: Final = 60_000


def at(ms: int) -> str:
    """Return a time as CloudEvents have it."""
    return datetime.fromtimestamp(ms / 1_000, UTC).isoformat()


def sent(number: int, **fields: Any) -> str:  # noqa: ANN401 - attributes of CloudEvents
    """Return the number-th event of one subject, which happened when the stage began."""
    values = {"id": f"e{number}", "subject": "thing/1", "sequence": str(number), "time": at(BEGAN_MS)} | fields
    return body(cloud_event(**values))


class Reminder:
    """A handler that asks for a wake with every event, counts runs in its state, and notes when it was woken."""

    def __init__(self, minutes: float = 10) -> None:
        """Ask for a wake after so many minutes."""
        self.minutes = minutes
        self.stage: Stage
        self.events: list[str] = []
        self.woken: list[tuple[float, dict[str, Any], dict[str, Any]]] = []
        self.fail: Callable[[Event], None] = lambda _event: None

    def __call__(self, event: Event, run: Run) -> None:
        """Ask, or note the minute, the data and the state."""
        self.fail(event)
        if event.woken:
            minute = (self.stage.now - BEGAN_MS) / MINUTE_MS
            self.woken.append((minute, dict(event.data), dict(run.state)))
            return
        self.events.append(event.id)
        run.state["last"] = event.id
        run.wake(after=timedelta(minutes=self.minutes), data={"of": event.id})


def staged(handle: Reminder, patch: pytest.MonkeyPatch, **changed: str) -> Stage:
    """Return a stage for a function that declares wakes."""
    handle.stage = install(Stage(handle), patch, ORDER="newest", WAKES="true", **changed)
    return handle.stage


def rows(stage: Stage) -> list[tuple[str, str]]:
    """Return decision and reason of each wake that was decided, sorted."""
    found = [row for row in stage.rows() if row["facts"]["type"] == "herald.wake"]
    return sorted((str(row["decision"]), str(row["reason"])) for row in found)


CANCELLED: Final = ("stale", "the wake is cancelled: a newer event of the subject was processed")
REPLACED: Final = ("stale", "the wake is cancelled: the attempt that asked for it was not processed")
RAN: Final = ("processed", "the handler returned")


@pytest.mark.parametrize("minutes", [0.5, 10, 15, 16, 45, 24 * 60])
def test_a_wake_comes_when_it_is_due(minutes: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before, with its data and the state that its run kept; a longer wait takes several messages."""
    handle = Reminder(minutes)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.drain()
    assert handle.woken == [(minutes, {"of": "e1"}, {"last": "e1"})]
    assert rows(stage) == [RAN]
    assert stage.calls["wake"] == max(1, -(-minutes // 15))


def test_an_event_of_the_past_wakes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait begins with the event, not with its run: of one that comes an hour late it is over."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1, time=at(BEGAN_MS - 60 * MINUTE_MS)))
    stage.drain()
    assert [minute * 60 for minute, _, _ in handle.woken] == [1]


@pytest.mark.parametrize("time", [at(BEGAN_MS + 10**9), "tomorrow"])
def test_a_producer_with_a_wrong_clock_delays_no_wake(time: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time in the future, or one that cannot be read, counts as now."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1, time=time))
    stage.drain()
    assert [minute for minute, _, _ in handle.woken] == [10]


def test_a_newer_event_cancels_a_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each event replaces the wake of the one before: the last one alone runs, and the row of the other says why."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    stage.send(sent(2))
    stage.drain()
    assert [data for _, data, _ in handle.woken] == [{"of": "e2"}]
    assert rows(stage) == [RAN, CANCELLED]


def test_an_older_event_that_comes_late_cancels_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is stale, and the wake of the newest stands."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(2))
    stage.deliver()
    stage.send(sent(1))
    stage.drain()
    assert handle.events == ["e2"]
    assert rows(stage) == [RAN]


def test_a_newer_event_that_is_rejected_cancels_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing newer is known of the subject, so the wake is still wanted."""
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


def test_a_wake_leaves_later_events_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """After it ran, the next event is no older one, `previous` is the last real one, and a copy is a duplicate."""
    previous = []
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)

    def note(event: Event, run: Run) -> None:
        previous.append(run.previous.id if run.previous else None)
        handle(event, run)

    stage.handle = note
    stage.send(sent(1))
    stage.drain()
    stage.send(sent(1), sent(2))
    stage.drain()
    assert handle.events == ["e1", "e2"]
    assert previous == [None, "e1", "e1", "e2"]


def test_a_wake_that_comes_twice_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one batch, and after it was processed."""
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


def test_a_wake_in_a_batch_with_a_newer_event_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are due at once: the event is handled, and the wake is cancelled."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    stage.now += 10 * MINUTE_MS
    stage.send(sent(2, time=at(stage.now)))
    stage.deliver()
    assert (handle.events, handle.woken) == (["e1", "e2"], [])
    assert rows(stage) == [CANCELLED]


def test_a_wake_waits_for_the_run_that_asked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker is killed between sending the wake and settling: its next attempt asks again, and one wake runs."""
    handle = Reminder(0)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.fail = on("wake", "after", Killed())
    with suppress(Killed):
        stage.deliver()
    stage.now += 2_000
    stage.deliver()  # the wake alone: the message of its run is still hidden
    assert (handle.woken, rows(stage)) == ([], [])
    stage.drain()
    assert len(handle.woken) == 1
    assert rows(stage) == [RAN, REPLACED]


def test_a_wake_that_overtakes_the_settling_of_its_run_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker receives it when it was sent and its run is not settled: it is put back, and runs later."""
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


def test_a_wake_whose_run_was_purged_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody settles the run that asked: after two hours and the lease nobody waits for it."""
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
def test_a_run_whose_wake_sqs_does_not_take_is_tried_again(
    error: Callable[[], Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not SQS took it, one wake runs; the row names none that did not leave."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.fail = on("wake", "after" if error is lost_reply else "before", error())
    stage.deliver()
    (row,) = stage.rows()
    assert (row["decision"], row["reason"]) == ("retrying", "SQS did not take its wake: it did not answer")
    assert "effects" not in row
    stage.drain()
    assert [minute for minute, _, _ in handle.woken] == [10]


def test_a_wake_that_is_refused_alone_costs_its_neighbors_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two runs one is tried again."""
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


def test_a_waking_run_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its attempts; a newer event in between cancels the next."""
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
    assert rows(stage) == [RAN, RAN, CANCELLED]


def test_a_wake_whose_own_row_was_not_written_is_processed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The subject's row knows that it ran: the next delivery makes up for the missing row, and runs nothing."""
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
    """It lies in the dead-letter queue with its reason; redriven twice it runs once, unless something newer came."""
    handle = Reminder(10)

    def fail(event: Event) -> None:
        if event.woken:
            raise TimeoutError

    handle.fail = fail
    stage = staged(handle, monkeypatch)
    stage.send(sent(1), sent(1, subject="thing/2"))
    stage.drain()
    assert [letter["decision"] for letter in stage.letters()] == ["dead", "dead"]
    handle.fail = lambda _event: None
    stage.send(sent(2, subject="thing/2"))
    copies = list(stage.dead)
    stage.redrive()
    for copy in copies:
        stage.send(copy.body, attributes=copy.attributes)
    stage.drain()
    assert [data["of"] for _, data, _ in handle.woken] == ["e1", "e2"]


def test_a_redriven_run_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempt that died asked in vain; the redriven one asks for a wake that runs."""
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


def test_a_wake_that_is_too_late_is_a_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The age of a wake begins when it is due: a function that was paused for longer than it accepts says so."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch, MAX_AGE_SECONDS="60")
    stage.send(sent(1))
    stage.deliver()
    stage.now += 3_600_000
    stage.deliver()
    assert [letter["reason"] for letter in stage.letters()] == ["it is 3,000 s old; the function accepts 60"]


def test_a_wake_may_ask_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """The times do not drift, the chain has no end of its own, and an event in between ends it."""
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
    assert rows(stage)[-1] == CANCELLED


def test_what_wakes_emit_comes_after_what_the_events_emitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A consumer that orders them by their sequence gets event, wake, next wake, next event."""

    def tell(event: Event, run: Run) -> None:
        run.emit("thing.told", {"of": event.type}, subject=event.subject)
        if event.lag_ms(BEGAN_MS) >= -5 * MINUTE_MS:  # type: ignore[operator] # these events have a time
            run.wake(after=timedelta(minutes=5))

    stage = install(Stage(tell), monkeypatch, ORDER="newest", WAKES="true")
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


def test_a_wake_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cause is the run that asked, whose row names the wake and when it is due; the correlation id stays."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1, correlationid="c1"))
    stage.drain()
    asking, woken = sorted(stage.rows(), key=lambda row: row["first_at"])
    assert asking["effects"] == [{"kind": "wake", "id": woken["facts"]["id"], "time": woken["facts"]["time"]}]
    assert woken["facts"]["time"] == "2027-01-15T08:10:00.000+00:00"
    assert woken["correlation_id"] == "c1"
    assert woken["cause"] == {"subject": "thing/1", "function": "f", "event_id": "e1"}


def test_a_replay_with_new_runs_wakes_under_its_own_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wake carries the name of the replay, also when it is sent again, and leaves the first run's wake alone."""
    handle = Reminder(40)
    stage = staged(handle, monkeypatch)
    said = {"herald": {"stringValue": json.dumps({"replay": "again", "anew": True})}}
    stage.send(sent(1))
    stage.send(sent(1), attributes=said)
    stage.drain()
    assert [minute for minute, _, _ in handle.woken] == [40, 40]
    assert sorted(str(row.get("replay")) for row in stage.rows()) == ["None", "None", "again", "again"]


def test_a_renamed_function_gets_the_wakes_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its runs have the keys of its first name."""
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


def test_a_wake_reads_the_object_of_the_event_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """`previous` has the object, in its version, though the wake itself has none."""
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


def test_a_function_that_never_wakes_makes_no_further_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """And its rows say nothing of wakes."""
    stage = install(Stage(lambda _event, _run: None), monkeypatch, ORDER="newest")
    stage.send(sent(1))
    stage.deliver()
    assert stage.calls == {"get": 1, "statements": 3}
    assert not any({"wake", "woken"} & item.keys() for item in stage.table.items.values())


def test_wakes_are_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the key the role may not send them, and the run says which key is missing."""
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


def test_a_wake_of_a_function_that_declares_them_no_longer_is_a_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment took the key away while one was on its way."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    (wake,) = stage.queue.values()
    stage = install(Stage(handle), monkeypatch, ORDER="newest")
    stage.send(wake.body)
    stage.deliver()
    (letter,) = stage.letters()
    assert letter["reason"] == "the event is a wake, but [delivery] of function.toml no longer has wakes = true"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"after": timedelta(days=15)}, "is due between 0 and 14 days after its event"),
        ({"after": timedelta(seconds=-1)}, "is due between 0 and 14 days after its event"),
        (
            {"after": timedelta(), "data": {"a": "ä" * 10_000}},
            "the data of run.wake has 20,009 bytes, more than 16,384",
        ),
        ({"after": timedelta(), "data": {"a": float("nan")}}, "the data of run.wake is not JSON"),
        ({"after": timedelta(), "data": {"a": object()}}, "the data of run.wake is not JSON"),
    ],
)
def test_what_no_wake_can_be_is_refused(asked: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is rejected with what is wrong, and nothing is sent."""
    stage = install(Stage(lambda _event, run: run.wake(**asked)), monkeypatch, ORDER="newest", WAKES="true")
    stage.send(sent(1))
    stage.deliver()
    (letter,) = stage.letters()
    assert reason in letter["reason"]
    assert stage.calls["wake"] == 0


@pytest.mark.parametrize("field", ["id", "source", "subject", "time", "sequence", "askedby", "data", "causationid"])
def test_a_wake_that_lacks_something_is_no_event(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but a run sends one; what somebody changed by hand is refused with the field."""
    handle = Reminder(10)
    stage = staged(handle, monkeypatch)
    stage.send(sent(1))
    stage.deliver()
    (wake,) = stage.queue.values()
    said = json.loads(wake.body)
    with pytest.raises(EnvelopeError, match=field):
        parse(json.dumps({name: value for name, value in said.items() if name != field}))


def test_no_event_of_a_bus_is_taken_for_a_wake() -> None:
    """An envelope has a `detail`, whatever the event in it calls itself."""
    event = parse(body(cloud_event(type="herald.wake", askedby="somebody")))
    assert not event.woken
