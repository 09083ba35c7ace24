"""One subject's flood before a function that is fair, and before one that is not: who waits, and for how long."""

import json
import logging
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime
from typing import Final

import pytest

from functions.runtime import Event, Run
from functions.runtime.batch import fairness
from infra.declarations.field_rules import rules_of
from infra.declarations.spec import DeliverySpec
from tests.events import body, cloud_event
from tests.stage import Stage, install, on, throttled

FLOOD: Final = 500  # messages of the loud device
QUIET: Final = 5  # devices that sent one message each, after the flood
CALL_MS: Final = 10  # of a call of AWS
HANDLE_MS: Final = 20
SECOND: Final = 1_000


class World(Stage):
    """A stage on which calls and handlers take time, and which knows when whose message was handled."""

    def __init__(self) -> None:
        """Begin with empty queues."""
        super().__init__(self.work)
        self.handled: list[tuple[str, int]] = []
        self.fail = self.pass_time
        self.handle_ms = HANDLE_MS

    def work(self, event: Event, _run: Run) -> None:
        """Take time."""
        self.now += self.handle_ms
        self.handled.append((event.subject, self.now))

    def pass_time(self, _call: str, when: str) -> None:
        """Let each call take time."""
        self.now += CALL_MS if when == "before" else 0

    def arrive(self, device: str, messages: int = 1) -> list[str]:
        """Put messages of a device into the queue, whose events are as old as they are."""
        bodies = (body(cloud_event(subject=f"device/{device}", data={})) for _ in range(messages))
        return self.send(*bodies)

    def seconds_until(self, device: str, since: int) -> float:
        """Return how long until the device's last message was handled."""
        return (max(at for subject, at in self.handled if subject == f"device/{device}") - since) / SECOND


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Make a fair function's world."""
    return fresh(monkeypatch, fair="true")


def fresh(monkeypatch: pytest.MonkeyPatch, *, fair: str) -> World:
    """Make a world."""
    made = World()
    install(made, monkeypatch, FAIR=fair)
    return made


def flooded(world: World) -> tuple[float, float]:
    """Let quiet devices stand behind a flood; return in seconds when the last of them and of the loud was handled."""
    world.arrive("loud", FLOOD)
    for number in range(QUIET):
        world.arrive(f"quiet-{number}")
    since = world.now
    world.drain(rounds=2 * FLOOD)
    assert len(world.handled) == FLOOD + QUIET
    return max(world.seconds_until(f"quiet-{number}", since) for number in range(QUIET)), world.seconds_until(
        "loud", since
    )


def test_a_flood_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies behind it is handled in a third of the time at most, and the flood at half the pace at least."""
    plain_quiet, plain_loud = flooded(fresh(monkeypatch, fair="false"))
    fair_quiet, fair_loud = flooded(fresh(monkeypatch, fair="true"))
    assert fair_quiet < plain_quiet / 3
    assert fair_loud < 2.5 * plain_loud


def test_a_function_that_is_not_fair_learns_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither whose messages came nor what they cost: nobody would read it."""
    flooded(fresh(monkeypatch, fair="false"))
    assert fairness.turns.cache_info().currsize == 0


def test_nobody_waits_where_the_deployment_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda takes code and configuration in two calls: between them this code runs with the variables of before."""
    world = fresh(monkeypatch, fair="true")
    monkeypatch.delenv("HERALD_FAIR")
    flooded(world)
    assert not world.calls["put back"]


def test_a_message_waits_once(world: World) -> None:
    """The second time it is handled, whoever sent it: a worker that comes back to it has received it twice."""
    world.arrive("loud", FLOOD)
    messages = list(world.queue.values())
    world.drain(rounds=2 * FLOOD)
    assert {message.receives for message in messages} == {1, 2}


def test_nobody_waits_for_a_flood_that_the_function_keeps_up_with(world: World) -> None:
    """A queue that hands out what is young holds nobody up."""
    for _ in range(FLOOD // 10):
        world.arrive("loud", 10)
        world.deliver()
    assert len(world.handled) == FLOOD
    assert not world.calls["put back"]


def test_nobody_waits_where_nobody_is_loud(world: World) -> None:
    """Two devices that send as much as each other, and a function that is behind with both."""
    for _ in range(FLOOD // 2):
        world.arrive("left")
        world.arrive("right")
    world.drain()
    assert not world.calls["put back"]


def test_nobody_waits_long(world: World) -> None:
    """With a handler that takes a minute for each message, the longest wait is a quarter of an hour."""
    world.handle_ms = 60 * SECOND
    world.arrive("loud", 100)
    waits: list[float] = []

    def note(call: str, when: str) -> None:
        if (call, when) == ("put back", "after"):
            left = [(each.visible_at - world.now) / SECOND for each in world.queue.values() if each.receives]
            waits.append(max(left))

    world.fail = note
    world.drain()
    assert len(world.handled) == 100
    assert max(waits) == pytest.approx(900)


def test_a_flood_of_before_does_not_make_the_next_one_wait_longer(world: World) -> None:
    """However much was put off, a worker that has become fast again lets the next loud one wait a minute or so."""
    world.handle_ms = 60 * SECOND
    world.arrive("loud", FLOOD)
    world.drain(rounds=2 * FLOOD)
    world.handle_ms = 0
    world.arrive("next", 300)
    world.now += 900 * SECOND
    for _ in range(20):
        world.deliver()
    waits = [message.visible_at - world.now for message in world.queue.values() if message.receives]
    assert waits
    assert max(waits) < 65 * SECOND


def test_nobody_is_too_late_for_having_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a flood that the function handles in time, none is a dead letter because it was put back."""
    world = World()
    install(world, monkeypatch, FAIR="true", MAX_AGE_SECONDS="100")
    world.handle_ms = SECOND
    happened = datetime.fromtimestamp(world.now / SECOND, UTC).isoformat()
    world.send(*(body(cloud_event(subject="device/loud", time=happened, data={})) for _ in range(70)))
    world.drain()
    assert Counter(world.decisions()) == {"processed": 70}
    assert world.calls["put back"]


def test_a_clock_that_goes_back_puts_nobody_off_for_less_than_nothing(world: World) -> None:
    """SQS would refuse to hide a message for a negative time."""
    world.handle_ms = -SECOND
    world.arrive("loud", 60)
    world.now += 60 * SECOND
    waits: list[int] = []

    def note(call: str, when: str) -> None:
        if (call, when) == ("put back", "after"):
            waits.extend(each.visible_at - world.now for each in world.queue.values() if each.receives)

    world.fail = note
    world.drain()
    assert waits
    assert min(waits) >= 0


def longest_wait(world: World) -> float:
    """Return for how many seconds a message that was put back is still hidden at most."""
    return max(message.visible_at - world.now for message in world.queue.values() if message.receives) / SECOND


def test_a_flood_comes_back_at_half_the_pace(world: World) -> None:
    """A batch of ten costs two calls of the ledger and ten handlers: 22 ms a message, and so 44 ms between two.

    The first comes after as long as it has waited.
    """
    world.arrive("loud", FLOOD)
    world.now += 5 * SECOND
    while any(not message.receives for message in world.queue.values()):
        world.deliver()
    assert longest_wait(world) == pytest.approx(5 + 0.044 * world.calls["put back"] * 10, abs=2)


def test_small_batches_do_not_make_a_flood_wait_longer(world: World) -> None:
    """What whoever is left of a batch costs says nothing of the pace of full ones."""
    world.handle_ms = 0
    world.arrive("loud", 30)
    for number in range(40):
        world.arrive("loud", 9)
        world.arrive(f"quiet-{number}")
    world.now += 5 * SECOND
    for _ in range(43):
        world.deliver()
    assert sum(subject != "device/loud" for subject, _ in world.handled) == 40
    assert longest_wait(world) == pytest.approx(5, abs=2)


def test_a_pace_of_long_ago_is_forgotten(world: World) -> None:
    """A handler that has become slow is not flooded again at the pace of its best day."""
    for handle_ms in (0, SECOND):
        world.handle_ms = handle_ms
        for number in range(100):
            world.arrive(f"quiet-{number}")
        world.drain()
    world.arrive("loud", 200)
    world.now += 5 * SECOND
    for _ in range(20):
        world.deliver()
    assert longest_wait(world) > 60


def hidden(world: World) -> int:
    """Return how many messages nobody is handed for now."""
    return sum(message.visible_at > world.now for message in world.queue.values())


def test_no_more_wait_than_a_queue_may_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers share what SQS allows; the rest of a flood is handled, and waits again when others are due."""
    monkeypatch.setattr(fairness, "HIDDEN", 150)
    world = World()
    install(world, monkeypatch, FAIR="true", MAX_CONCURRENCY="5")
    world.arrive("loud", FLOOD)
    world.now += 5 * SECOND
    at_once: list[int] = []
    while world.queue:
        world.now = max(world.now, min(message.visible_at for message in world.queue.values()))
        world.deliver()
        at_once.append(hidden(world))
    assert max(at_once) == 30
    assert len(world.handled) == FLOOD
    assert world.calls["put back"] > 2 * 30 / 10, "those that are due make room for others"


def test_a_worker_that_does_not_know_how_many_there_are_supposes_the_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The most that a declaration may say: its configuration may be older than its code."""
    (declared,) = (each for each in fields(DeliverySpec) if each.name == "max_concurrency")
    maximum = rules_of(declared).maximum
    assert maximum
    monkeypatch.setattr(fairness, "HIDDEN", 20 * maximum)
    world = fresh(monkeypatch, fair="true")
    monkeypatch.delenv("HERALD_MAX_CONCURRENCY")
    world.arrive("loud", FLOOD)
    world.now += 5 * SECOND
    for _ in range(20):
        world.deliver()
    assert hidden(world) == 20


def test_what_cannot_be_put_back_is_not_lost(world: World) -> None:
    """SQS refuses: the messages are handled when their visibility ends."""
    world.arrive("loud", 30)
    world.deliver()
    world.now += 5 * SECOND
    world.fail = on("put back", "before", throttled(), times=2)
    world.drain()
    assert len(world.handled) == 30
    assert world.calls["put back"] == 1


def test_who_waits_is_told_in_a_line(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """How many, of which subject, why and how long; no line says anything of a decision, for none was taken."""
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")
    world.arrive("loud", 30)
    world.deliver()
    world.deliver()
    world.now += 5 * SECOND
    capsys.readouterr()
    world.deliver()
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["message"], line["subject"], line["seconds"]) == ("f lets 10 wait", "device/loud", 6)
    assert line["reason"] == "most of what came lately is of this subject, and the queue is behind"
    assert not world.rows()[20:]
