"""One HTTP request and the answer to it, as Lambda Function URLs exchange them.

Source: "Request payload format" and "Response payload format" in "Invoking Lambda function URLs", AWS Lambda Developer
Guide. Errors have the format of RFC 9457, "Problem Details for HTTP APIs".
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Self

from functions.runtime.core import variables
from functions.runtime.core.errors import HeraldError
from functions.runtime.core.settings import variable
from functions.runtime.http.signatures import RawRequest

JSON: Final = re.compile(r"application/(?:[\w.-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)


class Refusal(HeraldError):  # noqa: N818 - handlers raise it by this name
    """The request is answered with a 4xx status. The sender reads `detail`, so it reveals nothing internal."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        """Refuse with a status, one sentence and optional headers."""
        super().__init__(detail)
        self.answer = problem(status, detail, headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a request: a status, and JSON unless `body` is None."""

    status: HTTPStatus
    body: Mapping[str, Any] | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The body as text."""
        return json.dumps(self.body) if self.body is not None else ""


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an error in the format of RFC 9457. Its title is the phrase of the status."""
    body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    return Answer(status=status, body=body, content_type="application/problem+json", headers=headers or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One POST request: the path after the `/`, the headers by lower-case names, the body, and the time of receipt.

    `received_at` is in seconds since the epoch, from the clock of AWS.
    """

    name: str
    headers: Mapping[str, str]
    body: bytes
    received_at: float

    @classmethod
    def of(cls, name: str, event: Mapping[str, Any]) -> Self:
        """Read the event of a Function URL; Refusal when the body is too large, not base64, or not declared as JSON.

        The body is not parsed here: a handler verifies the signature first.
        """
        headers = {key.lower(): value for key, value in event["headers"].items()}
        limit = int(variable(variables.MAX_BODY_KB)) * 1_024
        body = _body(event)
        if len(body) > limit:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has {len(body):,} bytes, more than {limit:,}")
        if not JSON.fullmatch(headers.get("content-type", "")):
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the content type must be application/json")
        return cls(
            name=name,
            headers=headers,
            body=body,
            received_at=event["requestContext"]["timeEpoch"] / 1_000,
        )

    @property
    def raw(self) -> RawRequest:
        """The parts of the request that a signature covers."""
        return RawRequest(headers=self.headers, body=self.body)


def _body(event: Mapping[str, Any]) -> bytes:
    text: str = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return text.encode(errors="surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "the body is not base64") from error
