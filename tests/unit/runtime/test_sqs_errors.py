"""Errors of handlers: rejected, retried, dead and redriven."""

import json
import re

import pytest

from functions.runtime import Event, Run, Transient
from functions.runtime.batch.carried import ATTRIBUTE
from functions.runtime.core import aws
from functions.runtime.core.clock import now_ms
from tests.events import body, cloud_event
from tests.unit.runtime.conftest import World
from tests.unit.runtime.sqs_handlers import broken, done, permanent


def test_a_permanent_error_is_rejected_at_once(world: World) -> None:
    """It is not retried; the dead letter has all that an operator needs to know."""
    world.send(body(cloud_event(correlationid="c")))
    before = now_ms()
    assert world.deliver(permanent) == []
    ((_, why),) = world.dead_letters()
    assert why | {"first_at": 0, "last_at": 0} == {
        "reason": "no such customer",
        "error": "Permanent",
        "function": "f",
        "attempts": 1,
        "correlation_id": "c",
        "generation": 0,
        "first_at": 0,
        "last_at": 0,
        "decision": "rejected",
        "subject": "customer/42",
        "replay": None,
        "anew": False,
        "body_at": None,
    }
    assert before <= why["first_at"] <= why["last_at"] <= now_ms()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Transient("busy"), "busy"),
        (ZeroDivisionError("tea"), "ZeroDivisionError at tests/unit/runtime/test_sqs_errors.py"),
        (KeyError("x"), "KeyError at tests/unit/runtime/test_sqs_errors.py"),
    ],
)
def test_other_errors_are_retried_until_no_attempt_is_left(world: World, error: Exception, reason: str) -> None:
    """After three attempts the message is dead-lettered; the reason has the class and the place of a Python error."""

    def failing(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        raise error

    world.send(body(cloud_event()))
    for attempt in (1, 2):
        assert len(world.deliver(failing, request_id=f"request-{attempt}")) == 1
        (row,) = world.rows("customer/42")
        assert (row["decision"], row["attempt"], file_of(row["reason"])) == ("retrying", attempt, reason)
        world.requeue()
    assert world.deliver(failing, request_id="request-3") == []
    (row,) = world.rows("customer/42")
    assert (row["decision"], row["attempt"]) == ("dead", 3)
    ((_, why),) = world.dead_letters()
    assert (file_of(why["reason"]), why["error"], why["attempts"]) == (reason, type(error).__name__, 3)


def file_of(reason: str) -> str:
    """Return a reason without its line number."""
    return re.sub(r":\d+$", "", reason)


def test_a_run_that_crashed_on_every_attempt_is_dead(world: World) -> None:
    """Expired leases count as attempts: a record that crashes its worker ends in the dead-letter queue."""
    event = body(cloud_event())
    for holder in ("a", "b", "c"):
        world.held_by(holder, event, lease_ms=-5_000)
    world.send(event)
    assert world.deliver(done) == []
    (row,) = world.rows("customer/42")
    assert (row["decision"], row["reason"]) == ("dead", "the worker crashed or timed out on every attempt")
    assert len(world.dead_letters()) == 1


def test_a_run_is_not_settled_when_it_cannot_be_dead_lettered(world: World) -> None:
    """The order is send, settle, acknowledge: without a dead letter the message stays in the queue."""
    aws.sqs().delete_queue(QueueUrl=world.dead_letter_queue)
    world.send(body(cloud_event()))
    assert len(world.deliver(permanent)) == 1
    assert world.rows("customer/42")[0]["decision"] == "running"


def test_a_redriven_dead_letter_runs_again(world: World) -> None:
    """A dead letter that the console moved back with its attribute is not a duplicate."""
    world.send(body(cloud_event()))
    world.deliver(permanent)
    ((found, why),) = world.dead_letters()
    attribute = {"DataType": "String", "StringValue": json.dumps(why)}
    world.send(found, attributes={ATTRIBUTE: attribute})
    assert world.deliver(done, request_id="later") == []
    assert world.rows("customer/42")[0]["decision"] == "processed"


def test_effects_are_sent_after_the_handler_returned(world: World) -> None:
    """No event and no notice of a handler that fails is sent."""

    def fail_after_effects(event: Event, run: Run) -> None:
        run.emit("customer.welcomed", {}, subject=event.subject)
        run.publish("notices", title="t", text="x")
        broken(event, run)

    world.send(body(cloud_event()))
    world.deliver(fail_after_effects)
    assert (world.emitted(), world.notices()) == ([], [])
