"""The operations of a request's handler: read secrets, emit an event once per delivery, add log fields."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core.errors import HeraldError, KeyReusedError
from functions.runtime.core.json_values import Json
from functions.runtime.core.lineage import Lineage
from functions.runtime.core.settings import settings
from functions.runtime.http import senders
from functions.runtime.http.request import Answer, Refusal
from functions.runtime.http.secret_store import secrets
from functions.runtime.run import emitted_event
from functions.runtime.run.put_once import put_event_once

BUSY_SECONDS: Final = 15  # longer than the handling of any request


class WebContext:
    """The context of one request; `log_keys` are the fields of its log line beside path and status."""

    def __init__(self, context: LambdaContext) -> None:
        """Start without a verified sender."""
        self.log_keys: dict[str, Any] = {}
        self._context = context
        self._signed: tuple[str, Json] | None = None

    def note(self, **keys: str) -> None:
        """Add fields to the request's log line. They must not quote its body."""
        self.log_keys |= keys

    def secrets(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield the cached value of the secret `name` in [secrets], then, if the caller continues, the current one."""
        return secrets().versions(name)

    def signed_by(self, sender: str, content: Json) -> None:
        """Record the sender with the valid signature, and the content; `emit` uses both."""
        self._signed = sender, content

    def emit(
        self,
        event_type: str,
        data: Mapping[str, Any],
        *,
        subject: str,
        delivery: str,
        happened: str | None = None,
        changing: Sequence[str] = (),
    ) -> Answer:
        """Emit an event once per delivery; answer 202 with its id, or 200 for a delivery that was answered before.

        `delivery` is the sender's id of the delivery; ids of different senders are independent. Refusal (422) for an
        event that the sender may not emit, and for a delivery id that was used before with another body. `changing` are
        top-level fields of the body that may differ between attempts. The request must be verified with `verify`.

        The event is emitted before the delivery is recorded, with an id derived from the delivery. If the worker
        crashes in between, the event is emitted again with the same id, and consumers treat it as a duplicate.
        """
        if self._signed is None:
            raise HeraldError("web.emit needs a verified sender: call verify() first")
        sender, content = self._signed
        senders.check(sender, event_type, subject, data)
        key = f"{sender}/{delivery}"
        event_id = emitted_event.derived_id(f"{settings().first_name}\n{key}")
        self.note(event_id=event_id, event_type=event_type, subject=subject, correlation_id=event_id)
        lineage = Lineage(correlation_id=event_id)
        event = emitted_event.cloud_event(
            event_type, data, subject=subject, event_id=event_id, lineage=lineage, happened=happened
        )
        new = self._put_once(event, key, _digest(content, changing))
        return Answer(
            status=HTTPStatus.ACCEPTED if new else HTTPStatus.OK,
            body={"status": "accepted" if new else "repeated", "id": event_id},
        )

    def _put_once(self, event: Mapping[str, Any], key: str, digest: str) -> bool:
        """Put an event on the bus once per key; return whether it was put now.

        Refusal if another request with the key is being handled, or if the key was used with another digest.
        """
        try:
            return put_event_once(emitted_event.entry(event), key, digest, self._context)
        except IdempotencyAlreadyInProgressError as error:
            raise Refusal(
                HTTPStatus.CONFLICT,
                "this delivery is being handled now; send it again later",
                {"Retry-After": str(BUSY_SECONDS)},
            ) from error
        except KeyReusedError as error:
            # 409 would ask for another attempt, which cannot succeed. Source: "The Idempotency-Key HTTP Header Field",
            # draft-ietf-httpapi-idempotency-key-header: 422 for a key that is used with another payload.
            raise Refusal(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "this delivery id was used before with another body: send the new body with another id",
            ) from error

    @staticmethod
    def ignore() -> Answer:
        """Return 204: the request is authentic, but it causes no event."""
        return Answer(status=HTTPStatus.NO_CONTENT)


def _digest(content: Json, changing: Sequence[str]) -> str:
    """Return a digest of the body without the top-level fields in `changing`."""
    lasting = {name: value for name, value in content.items() if name not in changing}
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()
