"""What every function behind a Function URL can rely on, whatever its handler does."""

import base64
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.runtime import Permanent, Transient
from functions.runtime.core import aws
from functions.runtime.web import Answer, Refusal, Request, WebContext, http_entrypoint
from tests.front import Front, front
from tests.webhooks import request

__all__ = ["front"]


@http_entrypoint
def emits(request: Request, web: WebContext) -> Answer:
    """Emit an event for each request, which says itself which delivery it is; `verify` would tell whose key signed."""
    web.signed_by(request.headers.get("sender", "generic"), {"body": request.body.decode()})
    data = {"of": request.name}
    return web.emit("customer.created", data, subject="s", delivery=request.headers["delivery"])


def raises(error: Exception) -> Callable[[Mapping[str, Any], Any], dict[str, Any]]:
    """Return a handler that fails."""

    @http_entrypoint
    def fails(_request: Request, _web: WebContext) -> Answer:
        raise error

    return fails


def call(delivery: str = "1", path: str = "/a", content: bytes = b"{}", **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as request's
    """Return a request that names its delivery."""
    return request(path, {"delivery": delivery}, content, **options)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD", "x"])
def test_only_post_is_answered(front: Front, method: str) -> None:
    """405, and which method there is."""
    response = emits(call(method=method), front.context)
    assert (response["statusCode"], response["headers"]["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/", "/a/b", "//", ""])
def test_other_paths_lead_nowhere(front: Front, path: str) -> None:
    """404 in the shape of RFC 9457."""
    response = emits(call(path=path), front.context)
    assert (response["statusCode"], response["headers"]["Content-Type"]) == (404, "application/problem+json")


def test_a_body_over_the_limit_is_refused(front: Front) -> None:
    """At the limit it is taken; in base64 it is the decoded size that counts."""
    limit = 256 * 1_024
    assert front.send(emits, call("1", content=b"x" * limit))[0] == 202
    assert front.send(emits, call("2", content=b"x" * limit, in_base64=True))[0] == 202
    status, answer = front.send(emits, call("3", content=b"x" * (limit + 1)))
    assert (status, answer["detail"]) == (413, "the body has 262,145 bytes, more than 262,144")


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "application/cloudevents+json"]
)
def test_json_by_any_of_its_names_is_taken(front: Front, kind: str) -> None:
    """With parameters, and with a suffix."""
    event = call()
    event["headers"]["content-type"] = kind
    assert front.send(emits, event)[0] == 202


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "", "application/jsonx", "json"])
def test_other_content_types_are_refused(front: Front, kind: str) -> None:
    """GitHub's other format would hide the body in a form's field."""
    event = call()
    event["headers"]["content-type"] = kind
    assert front.send(emits, event)[0] == 415


def test_a_body_that_is_not_the_base64_it_claims_is_refused(front: Front) -> None:
    """Lambda sends none such; 400 is better than a worker that ends."""
    assert front.send(emits, call() | {"isBase64Encoded": True, "body": "ü"})[0] == 400


def test_bytes_that_are_no_text_reach_the_handler(front: Front) -> None:
    """A signature is over bytes, whatever they are."""
    seen: list[bytes] = []

    @http_entrypoint
    def reads(request: Request, web: WebContext) -> Answer:
        seen.append(request.body)
        return web.ignore()

    event = call() | {"isBase64Encoded": True, "body": base64.b64encode(b"\xff\x00").decode()}
    assert front.send(reads, event) == (204, None)
    assert seen == [b"\xff\x00"]


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (Refusal(HTTPStatus.IM_A_TEAPOT, "no coffee"), 418, "no coffee"),
        (Permanent("data.id is missing"), 422, "data.id is missing"),
        (Transient("hidden"), 503, "the request could not be handled; send it again later"),
        (KeyError("hidden"), 503, "the request could not be handled; send it again later"),
    ],
)
def test_what_a_handler_raises_is_an_answer(front: Front, error: Exception, status: int, detail: str) -> None:
    """4xx say what is wrong; what went wrong here says nothing but to send again."""
    got, answer = front.send(raises(error), call())
    assert (got, answer["status"], answer["detail"]) == (status, status, detail)
    (line,) = front.lines()
    assert (line["status"], "where" in line) == (status, isinstance(error, KeyError))
    assert ("hidden" in front.printed) == isinstance(error, Transient), "only our own errors quote no request"


def test_a_handler_that_hangs_is_answered_for(front: Front) -> None:
    """Before Lambda ends the worker, which would answer 502 and log nothing."""

    @http_entrypoint
    def hangs(_request: Request, web: WebContext) -> Answer:
        time.sleep(30)
        return web.ignore()

    front.context.left_ms = 600
    assert front.send(hangs, call())[0] == 503
    assert front.lines()[0]["error"] == "TimeLimitError"


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


def test_answers_are_counted(front: Front) -> None:
    """By what they mean, with the function as the only dimension."""
    for event in (call("1"), call("1"), call(method="GET")):
        emits(event, front.context)
    raises(KeyError())(call(), front.context)
    front.lines()
    for name in ("RequestsAccepted", "RequestsRepeated", "RequestsRefused", "RequestsFailed"):
        assert front.printed.count(f'"{name}":[1.0]') == 1
    assert '"Dimensions":[["function","environment"]]' in front.printed


def test_event_functions_do_not_pay_for_it() -> None:
    """Only functions that are called import the event handler and Parameters; none imports Batch and so asyncio."""
    names = (
        "aws_lambda_powertools.utilities.batch",
        "aws_lambda_powertools.event_handler",
        "aws_lambda_powertools.utilities.parameters",
        "functions.runtime.web",
    )
    imports = "import sys, functions.runtime, functions.runtime.journal"
    script = f"{imports}; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _raise(error: Exception) -> Callable[..., Any]:
    def fail(**_call: Any) -> Any:  # noqa: ANN401 - boto3's
        raise error

    return fail
