"""A batch on its way through a function: what is acknowledged, put back, buried, and written down."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.runtime import Event, Permanent, Run, Transient
from functions.runtime.batch.carried import ATTRIBUTE
from functions.runtime.core import aws
from functions.runtime.core.clock import now_ms
from functions.runtime.ledger.ledger import ledger
from tests.events import body, cloud_event, object_created
from tests.unit.runtime.conftest import World


def done(event: Event, run: Run) -> None:
    """Handle anything."""


def permanent(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
    """Refuse everything."""
    raise Permanent("no such customer")


def broken(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
    """Fail as code fails."""
    raise ZeroDivisionError("tea")


def log_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was logged, line by line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]


def test_a_processed_run_is_acknowledged_and_written_down(world: World) -> None:
    """Its row says what changed, who did it, and that it is done; the queue is empty."""
    world.send(body(object_created("reports/a.xml", size=7)))
    assert world.deliver(done) == []
    (row,) = world.rows("s3://outputs-bucket/reports/a.xml")
    assert (row["decision"], row["attempt"], row["status"]) == ("processed", 1, "COMPLETED")
    assert (row["facts"]["size"], row["facts"]["requester"]) == (7, "111122223333")
    assert row["expiration"] > now_ms() / 1000 + 28 * 86_400, "the row outlives the queue and the dead-letter queue"
    assert world.waiting() == 0


def test_a_duplicate_is_acknowledged_and_not_handled(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The same event, delivered twice, acts once; the log says that the second was a duplicate."""
    handled = []
    event = body(object_created())
    for request in ("one", "two"):
        world.send(event)
        assert world.deliver(lambda event, run: handled.append((event, run)), request_id=request) == []
    assert len(handled) == 1
    decisions = [line["decision"] for line in log_lines(capsys) if "decision" in line]
    assert decisions == ["processed", "duplicate"]


def test_two_producers_may_use_the_same_id(world: World) -> None:
    """An id is unique within its source alone: the same one from another source is another event."""
    for source in ("shop", "crm"):
        world.send(body(cloud_event(id="1", source=source)))
    assert world.deliver(done) == []
    assert [row["decision"] for row in world.rows("customer/42")] == ["processed", "processed"]


def test_twins_in_one_batch_act_once(world: World) -> None:
    """Two copies that arrive together are one run."""
    handled = []
    event = body(object_created())
    world.send(event, event)
    assert world.deliver(lambda event, run: handled.append((event, run))) == []
    assert len(handled) == 1


def test_a_poison_record_leaves_the_rest_of_the_batch_done(world: World) -> None:
    """One that is no event, one that is refused and one that fails do not keep two good ones from being processed."""

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
def test_what_is_no_event_is_buried_with_its_body_and_the_reason(world: World, message: str) -> None:
    """Nothing is lost: the dead letter holds the body as it came, and says what is wrong with it."""
    world.send(message or " ")
    assert world.deliver(done) == []
    ((buried, why),) = world.dead_letters()
    assert buried == (message or " ")
    assert (why["function"], why["error"], why["attempts"], why["generation"]) == ("f", "EnvelopeError", 1, 0)
    (row,) = world.rows("queue/f")
    assert (row["decision"], row["reason"]) == ("rejected", why["reason"])


def test_a_permanent_error_is_rejected_at_once(world: World) -> None:
    """No attempt is wasted on what cannot succeed; the dead letter says everything an operator asks first."""
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
        (ZeroDivisionError("tea"), "ZeroDivisionError: tea"),
        (KeyError("x"), "KeyError: 'x'"),
    ],
)
def test_what_may_succeed_later_is_tried_again_until_the_attempts_are_spent(
    world: World, error: Exception, reason: str
) -> None:
    """Three attempts, each put back, and then the dead-letter queue; an error of Python's own is called by its name."""

    def failing(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        raise error

    world.send(body(cloud_event()))
    for attempt in (1, 2):
        assert len(world.deliver(failing, request_id=f"request-{attempt}")) == 1
        (row,) = world.rows("customer/42")
        assert (row["decision"], row["attempt"], row["reason"]) == ("retrying", attempt, reason)
        world.requeue()
    assert world.deliver(failing, request_id="request-3") == []
    (row,) = world.rows("customer/42")
    assert (row["decision"], row["attempt"]) == ("dead", 3)
    ((_, why),) = world.dead_letters()
    assert (why["reason"], why["error"], why["attempts"]) == (reason, type(error).__name__, 3)


def test_a_worker_that_died_on_every_attempt_is_declared_dead(world: World) -> None:
    """Lapsed leases count as attempts: a record that kills its worker ends in the dead-letter queue."""
    event = body(cloud_event())
    for holder in ("a", "b", "c"):
        world.held_by(holder, event, lease_ms=-5_000)
    world.send(event)
    assert world.deliver(done) == []
    assert world.rows("customer/42")[0]["decision"] == "dead"
    assert len(world.dead_letters()) == 1


def test_a_run_that_another_holds_goes_back_and_spends_nothing(world: World) -> None:
    """Its message waits for the holder; the row is untouched."""
    event = body(cloud_event())
    world.held_by("other", event)
    (before,) = world.rows("customer/42")
    world.send(event)
    assert len(world.deliver(done)) == 1
    assert (world.rows("customer/42"), world.waiting()) == ([before], 1)


def test_without_the_ledger_nothing_runs(world: World) -> None:
    """What cannot be claimed is not handled, and its message stays."""
    handled = []
    aws.dynamodb().delete_table(TableName="ledger")
    world.send(body(cloud_event()))
    assert len(world.deliver(lambda event, run: handled.append((event, run)))) == 1
    assert (handled, world.waiting()) == ([], 1)


def test_what_cannot_be_buried_is_not_settled(world: World) -> None:
    """Send, then settle, then acknowledge: while the dead-letter queue refuses, the message stays where it is."""
    aws.sqs().delete_queue(QueueUrl=world.dead_letter_queue)
    world.send(body(cloud_event()))
    assert len(world.deliver(permanent)) == 1
    assert world.rows("customer/42")[0]["decision"] == "running"


def test_a_redriven_dead_letter_runs_again(world: World) -> None:
    """Moved back with its attribute, as the console does it, a dead letter is a fresh start and not a duplicate."""
    world.send(body(cloud_event()))
    world.deliver(permanent)
    ((buried, why),) = world.dead_letters()
    attribute = {"DataType": "String", "StringValue": json.dumps(why)}
    world.send(buried, attributes={ATTRIBUTE: attribute})
    assert world.deliver(done, request_id="later") == []
    assert world.rows("customer/42")[0]["decision"] == "processed"


def test_effects_leave_only_after_the_handler_returned(world: World) -> None:
    """A handler that emits and publishes and then fails has told nobody."""

    def too_soon(event: Event, run: Run) -> None:
        run.emit("customer.welcomed", {}, subject=event.subject)
        run.publish("notices", title="t", text="x")
        broken(event, run)

    world.send(body(cloud_event()))
    world.deliver(too_soon)
    assert (world.emitted(), world.notices()) == ([], [])


def test_every_attempt_has_one_log_line_that_answers(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """What, which run, decided how and why, after how long; and the metrics name no event."""
    world.send(body(cloud_event(correlationid="c", causationid="i", causationsubject="s", causationfunction="g")))
    world.deliver(permanent)
    lines = log_lines(capsys)
    (line,) = [line for line in lines if "decision" in line]
    assert {name: line[name] for name in ("function", "subject", "event_type", "correlation_id", "causation_id")} == {
        "function": "f",
        "subject": "customer/42",
        "event_type": "customer.created",
        "correlation_id": "c",
        "causation_id": "i",
    }
    assert (line["decision"], line["decision_reason"], line["attempt"], line["level"]) == (
        "rejected",
        "no such customer",
        1,
        "WARNING",
    )
    assert line["lag_ms"] > 0
    (metrics,) = [line for line in lines if "_aws" in line]
    assert metrics["EventsRejected"] == [1.0]
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]


def test_no_data_of_an_event_reaches_the_log_or_the_ledger(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Logs and rows name what happened; what the event carries stays in it."""
    world.send(body(cloud_event(data={"card": "4111-secret"})))
    world.deliver(done)
    assert "4111-secret" not in capsys.readouterr().out + str(world.rows())


def test_a_throttled_ledger_is_an_error_that_returns_the_message(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim that fails for any other reason than its condition leaves the event undecided and in the queue."""

    def throttled(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "BatchExecuteStatement")

    monkeypatch.setattr(ledger().client, "batch_execute_statement", throttled)
    world.send(body(cloud_event()))
    assert len(world.deliver(done)) == 1
    assert world.waiting() == 1
