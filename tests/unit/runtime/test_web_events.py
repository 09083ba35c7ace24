"""Events that a function with a Function URL emits."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.runtime.core import aws
from functions.runtime.web import Answer, Request, WebContext, http_entrypoint
from tests.front import Front, front
from tests.unit.runtime.web_handlers import call, emits

__all__ = ["front"]


def test_an_event_leaves_once_for_a_delivery(front: Front) -> None:
    """The second time it is known; another delivery is another event."""
    answers = [front.send(emits, call(delivery)) for delivery in ("1", "1", "2")]
    assert [status for status, _ in answers] == [202, 200, 202]
    assert answers[0][1]["id"] == answers[1][1]["id"] != answers[2][1]["id"]
    assert [event["id"] for event in front.emitted()] == [answers[0][1]["id"], answers[2][1]["id"]]


def test_an_event_without_a_sender_does_not_leave(front: Front) -> None:
    """A handler that forgets `verify` lets nobody in, nor does one whose sender is undeclared: the log tells which."""

    @http_entrypoint
    def forgets(_request: Request, web: WebContext) -> Answer:
        return web.emit("customer.created", {}, subject="s", delivery="1")

    assert front.send(forgets, call())[0] == 503
    event = call()
    event["headers"]["sender"] = "nobody"
    assert front.send(emits, event)[0] == 503
    assert [line["reason"] for line in front.lines()] == [
        "web.emit needs a verified sender: call verify() first",
        "trigger.http.senders of function.toml has no 'nobody'",
    ]
    assert front.emitted() == []


def test_a_worker_that_dies_after_its_event_left_repeats_the_same_id(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The delivery was not written down as done: sent again, its event leaves again, and consumers know its id."""
    with monkeypatch.context() as dying:
        dying.setattr(aws.dynamodb(), "update_item", _raise(ClientError({}, "UpdateItem")))
        assert front.send(emits, call())[0] == 503
    assert front.send(emits, call())[0] == 409, "it may still be at work"
    (row,) = aws.dynamodb().scan(TableName="ledger")["Items"]
    aws.dynamodb().put_item(TableName="ledger", Item=row | {"in_progress_expiration": {"N": "0"}})
    assert front.send(emits, call())[0] == 202
    first, second = front.emitted()
    assert first["id"] == second["id"]


def test_an_event_the_bus_refuses_is_not_written_down(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """503, and the next attempt is the first that counts."""
    put = aws.events().put_events
    monkeypatch.setattr("functions.runtime.run.put_events.PAUSE_SECONDS", 0)
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
    monkeypatch.setattr(aws.events(), "put_events", lambda **_: refused)
    assert front.send(emits, call())[0] == 503
    monkeypatch.setattr(aws.events(), "put_events", put)
    assert front.send(emits, call())[0] == 202
    assert len(front.emitted()) == 1


def test_a_delivery_that_is_being_handled_is_put_off(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """409 and when to send it again: whether the other worker succeeds is not known yet."""
    second: list[dict[str, Any]] = []
    put = aws.events().put_events

    def put_and_be_asked_again(**entries: Any) -> Any:  # noqa: ANN401 - boto3's
        second.append(emits(call(), front.context))
        return put(**entries)

    monkeypatch.setattr(aws.events(), "put_events", put_and_be_asked_again)
    assert front.send(emits, call())[0] == 202
    assert (second[0]["statusCode"], second[0]["headers"]["Retry-After"]) == (409, "15")


def _raise(error: Exception) -> Callable[..., Any]:
    def fail(**_call: Any) -> Any:  # noqa: ANN401 - boto3's
        raise error

    return fail
