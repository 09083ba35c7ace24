"""One batch through the entrypoint: acknowledged, put back, dead-lettered and recorded."""

import pytest
from botocore.exceptions import ClientError

from functions.runtime import Event, Run
from functions.runtime.core import aws
from functions.runtime.core.clock import now_ms
from functions.runtime.ledger.ledger import ledger
from tests.events import body, cloud_event, object_created
from tests.unit.runtime.conftest import World
from tests.unit.runtime.sqs_handlers import broken, done, permanent


def test_a_processed_run_is_acknowledged_and_recorded(world: World) -> None:
    """Its row has the facts of the event and the decision; the queue is empty."""
    world.send(body(object_created("reports/a.xml", size=7)))
    assert world.deliver(done) == []
    (row,) = world.rows("s3://outputs-bucket/reports/a.xml")
    assert (row["decision"], row["attempt"], row["status"]) == ("processed", 1, "COMPLETED")
    assert (row["facts"]["size"], row["facts"]["requester"]) == (7, "111122223333")
    assert row["expiration"] > now_ms() / 1000 + 28 * 86_400, "the row outlives the queue and the dead-letter queue"
    assert world.waiting() == 0


def test_two_producers_may_use_the_same_id(world: World) -> None:
    """An id is unique only within its source: with another source, it is another event."""
    for source in ("shop", "crm"):
        world.send(body(cloud_event(id="1", source=source)))
    assert world.deliver(done) == []
    assert [row["decision"] for row in world.rows("customer/42")] == ["processed", "processed"]


def test_copies_in_one_batch_are_handled_once(world: World) -> None:
    """Two copies in one batch are one run."""
    handled = []
    event = body(object_created())
    world.send(event, event)
    assert world.deliver(lambda event, run: handled.append((event, run))) == []
    assert len(handled) == 1


def test_a_poison_record_does_not_affect_the_rest_of_the_batch(world: World) -> None:
    """Two events are processed beside a message that is not an event, a rejected event and an event that fails."""

    def picky(event: Event, run: Run) -> None:
        if event.subject.endswith("bad"):
            permanent(event, run)
        if event.subject.endswith("broken"):
            broken(event, run)

    keys = ("good/1", "bad", "broken", "good/2")
    world.send("not json", *(body(object_created(key)) for key in keys))
    assert len(world.deliver(picky)) == 1
    decisions = {row["pk"].removeprefix("s3://outputs-bucket/"): row["decision"] for row in world.rows()}
    assert decisions == {
        "good/1": "processed",
        "good/2": "processed",
        "bad": "rejected",
        "broken": "retrying",
        "queue/f": "rejected",
    }
    assert len(world.dead_letters()) == 2


@pytest.mark.parametrize("message", ["", "<xml/>", "{}", '{"detail": {}, "source": "x"}'])
def test_a_message_that_is_not_an_event_is_dead_lettered_with_its_body_and_the_reason(
    world: World, message: str
) -> None:
    """The dead letter has the unchanged body and its fault."""
    world.send(message or " ")
    assert world.deliver(done) == []
    ((found, why),) = world.dead_letters()
    assert found == (message or " ")
    assert (why["function"], why["error"], why["attempts"], why["generation"]) == ("f", "EnvelopeError", 1, 0)
    (row,) = world.rows("queue/f")
    assert (row["decision"], row["reason"]) == ("rejected", why["reason"])


def test_the_message_of_a_busy_run_is_put_back(world: World) -> None:
    """It stays in the queue; the row does not change."""
    event = body(cloud_event())
    world.held_by("other", event)
    (before,) = world.rows("customer/42")
    world.send(event)
    assert len(world.deliver(done)) == 1
    assert (world.rows("customer/42"), world.waiting()) == ([before], 1)


def test_without_the_ledger_nothing_runs(world: World) -> None:
    """A run that cannot be claimed is not handled, and its message stays in the queue."""
    handled = []
    aws.dynamodb().delete_table(TableName="ledger")
    world.send(body(cloud_event()))
    assert len(world.deliver(lambda event, run: handled.append((event, run)))) == 1
    assert (handled, world.waiting()) == ([], 1)


def test_a_message_stays_in_the_queue_when_the_ledger_is_throttled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim that fails for another reason than its condition leaves the event undecided."""

    def throttled(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "BatchExecuteStatement")

    monkeypatch.setattr(ledger().client, "batch_execute_statement", throttled)
    world.send(body(cloud_event()))
    assert len(world.deliver(done)) == 1
    assert world.waiting() == 1
