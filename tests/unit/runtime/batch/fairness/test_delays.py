"""The length and the number of delays of a loud subject."""

from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from functions.runtime.batch import fairness
from infra.declarations.field_rules import rules_of
from infra.declarations.spec import DeliverySpec
from tests.events import body, cloud_event
from tests.stage import install
from tests.unit.runtime.batch.fairness.flood import FLOOD, SECOND, FloodStage, fresh, longest_wait


def test_delays_have_a_limit(flood: FloodStage) -> None:
    """If a message takes a minute, the longest delay is 15 minutes."""
    flood.handle_ms = 60 * SECOND
    flood.arrive("loud", 100)
    waits: list[float] = []

    def record(call: str, when: str) -> None:
        if (call, when) == ("put back", "after"):
            left = [(each.visible_at - flood.now) / SECOND for each in flood.queue.values() if each.receives]
            waits.append(max(left))

    flood.fail = record
    flood.drain()
    assert len(flood.handled) == 100
    assert max(waits) == pytest.approx(900)


def test_an_earlier_flood_does_not_delay_the_next_one(flood: FloodStage) -> None:
    """When the handler is fast again, the next loud subject is delayed for about a minute."""
    flood.handle_ms = 60 * SECOND
    flood.arrive("loud", FLOOD)
    flood.drain(rounds=2 * FLOOD)
    flood.handle_ms = 0
    flood.arrive("next", 300)
    flood.now += 900 * SECOND
    for _ in range(20):
        flood.deliver()
    waits = [message.visible_at - flood.now for message in flood.queue.values() if message.receives]
    assert waits
    assert max(waits) < 65 * SECOND


def test_a_delay_makes_no_event_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a function can handle a flood in time, no delayed event becomes a dead letter."""
    flood = FloodStage()
    install(flood, monkeypatch, FAIR="true", MAX_AGE_SECONDS="100")
    flood.handle_ms = SECOND
    happened = datetime.fromtimestamp(flood.now / SECOND, UTC).isoformat()
    flood.send(*(body(cloud_event(subject="device/loud", time=happened, data={})) for _ in range(70)))
    flood.drain()
    assert Counter(flood.decisions()) == {"processed": 70}
    assert flood.calls["put back"]


def test_a_clock_that_goes_back_causes_no_negative_delay(flood: FloodStage) -> None:
    """SQS refuses a negative visibility timeout."""
    flood.handle_ms = -SECOND
    flood.arrive("loud", 60)
    flood.now += 60 * SECOND
    waits: list[int] = []

    def record(call: str, when: str) -> None:
        if (call, when) == ("put back", "after"):
            waits.extend(each.visible_at - flood.now for each in flood.queue.values() if each.receives)

    flood.fail = record
    flood.drain()
    assert waits
    assert min(waits) >= 0


def test_delayed_messages_return_at_half_the_pace(flood: FloodStage) -> None:
    """A batch of ten takes two ledger calls and ten handlers, 22 ms per message, so 44 ms are between two messages.

    The first one returns after as long as it has waited already.
    """
    flood.arrive("loud", FLOOD)
    flood.now += 5 * SECOND
    while any(not message.receives for message in flood.queue.values()):
        flood.deliver()
    assert longest_wait(flood) == pytest.approx(5 + 0.044 * flood.calls["put back"] * 10, abs=2)


def test_small_batches_do_not_lengthen_delays(flood: FloodStage) -> None:
    """The rest of a batch with delayed messages does not measure the pace of full batches."""
    flood.handle_ms = 0
    flood.arrive("loud", 30)
    for number in range(40):
        flood.arrive("loud", 9)
        flood.arrive(f"quiet-{number}")
    flood.now += 5 * SECOND
    for _ in range(43):
        flood.deliver()
    assert sum(subject != "device/loud" for subject, _ in flood.handled) == 40
    assert longest_wait(flood) == pytest.approx(5, abs=2)


def test_an_old_pace_is_forgotten(flood: FloodStage) -> None:
    """When a handler has become slow, delayed messages return at its present pace."""
    for handle_ms in (0, SECOND):
        flood.handle_ms = handle_ms
        for number in range(100):
            flood.arrive(f"quiet-{number}")
        flood.drain()
    flood.arrive("loud", 200)
    flood.now += 5 * SECOND
    for _ in range(20):
        flood.deliver()
    assert longest_wait(flood) > 60


def hidden(flood: FloodStage) -> int:
    """Return the number of hidden messages."""
    return sum(message.visible_at > flood.now for message in flood.queue.values())


def test_the_number_of_hidden_messages_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers share the limit of SQS; other messages are handled until hidden ones become due."""
    monkeypatch.setattr(fairness, "HIDDEN", 150)
    flood = FloodStage()
    install(flood, monkeypatch, FAIR="true", MAX_CONCURRENCY="5")
    flood.arrive("loud", FLOOD)
    flood.now += 5 * SECOND
    at_once: list[int] = []
    while flood.queue:
        flood.now = max(flood.now, min(message.visible_at for message in flood.queue.values()))
        flood.deliver()
        at_once.append(hidden(flood))
    assert max(at_once) == 30
    assert len(flood.handled) == FLOOD
    assert flood.calls["put back"] > 2 * 30 / 10, "messages that become due make room for others"


def test_a_worker_without_the_variable_assumes_the_highest_concurrency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its configuration may be older than its code."""
    (declared,) = (each for each in fields(DeliverySpec) if each.name == "max_concurrency")
    maximum = rules_of(declared).maximum
    assert maximum
    monkeypatch.setattr(fairness, "HIDDEN", 20 * maximum)
    flood = fresh(monkeypatch, fair="true")
    monkeypatch.delenv("HERALD_MAX_CONCURRENCY")
    flood.arrive("loud", FLOOD)
    flood.now += 5 * SECOND
    for _ in range(20):
        flood.deliver()
    assert hidden(flood) == 20
