"""Marked values for the canary test, and a handler that fails with them in every way."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from botocore.exceptions import ClientError, ParamValidationError

from functions.runtime import Event, Run, Transient
from functions.runtime.core.errors import MalformedError
from functions.runtime.http import standard_webhooks
from functions.runtime.web import Answer, Request, WebContext, http_entrypoint, verify

MARK: Final = "canary4111"
EMPTY: Final[dict[str, object]] = {}


def _chained(value: str) -> None:
    try:
        EMPTY[value]
    except KeyError as error:
        raise RuntimeError(value) from error


def _refused(code: str, value: str) -> None:
    raise ClientError({"Error": {"Code": code, "Message": f"Value '{value}' at 'name' is refused"}}, "PutItem")


def _noted(value: str) -> None:
    error = Transient("later")
    error.add_note(value)
    raise error from ValueError(value)


def _not_found(value: str) -> None:
    raise FileNotFoundError(2, "No such file or directory", value)


def _invalid_parameter(value: str) -> None:
    raise ParamValidationError(report=value)


def _malformed(value: str) -> None:
    try:
        int(value)
    except ValueError as error:
        raise MalformedError("data.value", "is not a number") from error


# How a handler may fail with a value of the payload.
FAILURES: Final[dict[str, Callable[[str], object]]] = {
    "number": int,
    "key": EMPTY.__getitem__,
    "time": datetime.fromisoformat,
    "json": json.loads,
    "bytes": lambda value: value.encode("ascii").decode("utf-16-be").encode("ascii"),
    "chained": _chained,
    "validation": lambda value: _refused("ValidationException", value),
    "noted": _noted,
    "file": _not_found,
    "parameter": _invalid_parameter,
    "malformed": _malformed,
    "exit": lambda value: (_ for _ in ()).throw(ExceptionGroup(value, [ValueError(value)])),
}


def handle(event: Event, run: Run) -> None:
    """Read the object of an event, if it has one, and do what the data asks for."""
    value = str(event.data.get("value"))
    run.log.debug("started")
    if event.object:
        value = run.read(event).decode()
    action = event.data.get("do")
    if action in FAILURES:
        FAILURES[action](value)
    elif action == "keep":
        run.emit("thing.seen", {"value": value}, subject=event.subject)
    elif action == "bad state":
        raise MalformedError("data", "is not valid")


@http_entrypoint
def answers(request: Request, web: WebContext) -> Answer:
    """Emit an event for a signed request, or fail with its body."""
    if request.name in FAILURES:
        FAILURES[request.name](request.body.decode())
    content = verify(request, web, standard_webhooks, keys="webhooks", sender="generic")
    if request.name == "ignored":
        return Answer(status=HTTPStatus.NO_CONTENT)
    return web.emit("customer.created", {"value": content.get("value")}, subject="s", delivery="1")


def encoded(value: str) -> str:
    """Return a text in Base64, in which it could leak too."""
    return base64.b64encode(value.encode()).decode()


def traces_of(text: str) -> list[str]:
    """Return the parts of an output that contain a marked value, with what surrounds it."""
    found: list[Any] = []
    for mark in (MARK, encoded(MARK)[:12]):
        place = text.find(mark)
        while place >= 0:
            found.append(text[max(0, place - 200) : place + 60])
            place = text.find(mark, place + 1)
    return found
