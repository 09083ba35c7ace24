"""One HTTP request and the answer to it, as Lambda Function URLs exchange them.

Source: "Request payload format" and "Response payload format" in "Invoking Lambda function URLs", AWS Lambda Developer
Guide; errors are those of RFC 9457, "Problem Details for HTTP APIs".
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


class Refusal(HeraldError):  # noqa: N818 - a word of the house, as Permanent is
    """The request is answered with a 4xx; the sender reads `detail`, which therefore tells nothing of ours."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        """Refuse with a status, one sentence and, where the status wants them, headers."""
        super().__init__(detail)
        self.answer = problem(status, detail, headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the sender gets: a status and JSON, or nothing where `body` is None."""

    status: HTTPStatus
    body: Mapping[str, Any] | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The body as it is sent."""
        return json.dumps(self.body) if self.body is not None else ""


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an error as RFC 9457 has it; without a type of its own its title is the status's phrase."""
    body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    return Answer(status=status, body=body, content_type="application/problem+json", headers=headers or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One POST: what follows the `/`, headers by their lower-case names, the body as it was sent, and when it came.

    `received_at` is in seconds since the epoch, by the clock of AWS.
    """

    name: str
    headers: Mapping[str, str]
    body: bytes
    received_at: float

    @classmethod
    def of(cls, name: str, event: Mapping[str, Any]) -> Self:
        """Read the event of a Function URL; Refusal when its body is too large, no JSON, or not the base64 it claims.

        What it holds is looked at by nobody here: a handler that verifies signatures does so first.
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
        """What of it a signature may be over."""
        return RawRequest(headers=self.headers, body=self.body)


def _body(event: Mapping[str, Any]) -> bytes:
    text: str = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return text.encode(errors="surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "the body is not base64") from error
