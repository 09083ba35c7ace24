"""`herald why` says when the dead letter of a run is not in the queue any more."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from herald.dead_letters import listing, still_queued
from herald.deployment.deployment import Deployment
from tests.events import body, cloud_event
from tests.unit.herald.investigate.installation import enqueue, now_ms, run, settled

SUBJECT = "customer/42"
COMMAND = "herald dlq show --function greet --subject customer/42"
GONE = "its dead letter is not in the queue: it was deleted or it expired"


def fail(deployment: Deployment, event_id: str = "e1", age_ms: int = 120_000) -> None:
    """Put a dead run of the customer into the ledger."""
    facts = {"id": event_id, "type": "customer.created"}
    settled(deployment, SUBJECT, "greet", facts, decision="dead", settled_at=now_ms() - age_ms)


def dead_letter(deployment: Deployment, event_id: str) -> None:
    """Put a dead letter of the customer into the queue."""
    event = cloud_event(id=event_id, subject=SUBJECT)
    queue = deployment.queues["greet"]["dead_letters"]
    deployment.client("sqs").send_message(QueueUrl=queue, MessageBody=body(event))


def state() -> dict[str, Any]:
    """Return the state of the dead letter of the one decision."""
    (decision,) = json.loads(run("why", SUBJECT, "--json").stdout)["decisions"]
    return dict(decision["dead_letter"])


def test_the_command_for_a_dead_letter_is_shown_while_it_is_in_the_queue(deployment: Deployment) -> None:
    """The message stays visible for others."""
    fail(deployment)
    dead_letter(deployment, "e1")
    assert state()["in_queue"] is True
    assert COMMAND in run("why", SUBJECT).stdout


def test_a_deleted_dead_letter_is_reported(deployment: Deployment) -> None:
    """The dead letter of another event does not count."""
    fail(deployment)
    dead_letter(deployment, "other")
    assert state() == {"in_queue": False, "note": GONE}
    shown = run("why", SUBJECT).stdout
    assert f"dlq    {GONE}\n" in shown
    assert COMMAND not in shown


def test_a_redriven_message_may_wait_in_the_queue(deployment: Deployment) -> None:
    """While the queue of the function has messages, the answer says so."""
    fail(deployment)
    enqueue(deployment, "greet")
    assert "it was redriven and may wait in the function's queue" in state()["note"]


def test_a_dead_letter_of_the_last_minute_may_not_be_visible_yet(deployment: Deployment) -> None:
    """SQS counts messages approximately."""
    fail(deployment, age_ms=10_000)
    assert state()["in_queue"] is None
    assert COMMAND in run("why", SUBJECT).stdout


def test_a_large_queue_is_not_read(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its messages would be hidden for too long."""
    monkeypatch.setattr(still_queued, "READ", 0)
    fail(deployment)
    dead_letter(deployment, "e1")
    assert state()["in_queue"] is None


def test_without_permission_the_rest_of_the_answer_is_shown(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The permission to read dead letters is optional."""

    def refuse(*_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "ReceiveMessage")

    monkeypatch.setattr(listing, "read", refuse)
    fail(deployment)
    assert state()["in_queue"] is None
