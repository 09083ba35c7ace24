"""What every function behind a Function URL can rely on, whatever its handler does."""

import base64
import subprocess
import sys
import time
from http import HTTPStatus

import pytest

from functions.runtime import Permanent, Transient
from functions.runtime.web import Answer, Refusal, Request, WebContext, http_entrypoint
from tests.front import Front, front
from tests.unit.runtime.web_handlers import call, emits, raises

__all__ = ["front"]


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
