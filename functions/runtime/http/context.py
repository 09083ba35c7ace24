"""What a handler of requests may do: read secrets, emit an event once per delivery, say what the log should know."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core.errors import HeraldError, KeyReusedError
from functions.runtime.core.lineage import Lineage
from functions.runtime.core.settings import settings
from functions.runtime.http import senders
from functions.runtime.http.payload import Json
from functions.runtime.http.request import Answer, Refusal
from functions.runtime.http.secret_store import secrets
from functions.runtime.run import cloud_events
from functions.runtime.run.put_once import put_event_once

BUSY_SECONDS: Final = 15  # longer than any request is worked on


class WebContext:
    """Where one request is dealt with; `log_keys` is what its log line says beside path and status."""

    def __init__(self, context: LambdaContext) -> None:
        """Begin with a request of which nothing is known."""
        self.log_keys: dict[str, Any] = {}
        self._context = context
        self._signed: tuple[str, Json] | None = None

    def note(self, **keys: str) -> None:
        """Add to the log line of the request; nothing of its body belongs there."""
        self.log_keys |= keys

    def secrets(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield `secret.<name>` of [secrets] as it is kept, then, where that does not do, as it was changed since."""
        return secrets().versions(name)

    def signed_by(self, sender: str, content: Json) -> None:
        """Take down whose key signed the request, and what it says; `emit` goes by both."""
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
        """Emit an event once per delivery; answer 202 with its id, or 200 when this delivery was answered before.

        `delivery` is the sender's name for it; another sender's delivery of that name is another one. Refused with 422
        are an event that the sender may not cause, and a delivery whose name came before with another body; `changing`
        are fields at its top that may differ from attempt to attempt. Only a request that `verify` read has a sender.

        The event leaves before the delivery is written down as done, under an id derived from the delivery: a worker
        that dies in between makes a repeat, which every consumer knows by that id, and never a loss.
        """
        if self._signed is None:
            raise HeraldError("an event needs a sender: read the request with verify() first")
        sender, content = self._signed
        senders.check(sender, event_type, subject, data)
        key = f"{sender}/{delivery}"
        event_id = cloud_events.derived_id(f"{settings().first_name}\n{key}")
        self.note(event_id=event_id, event_type=event_type, subject=subject, correlation_id=event_id)
        lineage = Lineage(correlation_id=event_id)
        event = cloud_events.cloud_event(
            event_type, data, subject=subject, event_id=event_id, lineage=lineage, happened=happened
        )
        try:
            new = put_event_once(cloud_events.entry(event), key, _digest(content, changing), self._context)
        except IdempotencyAlreadyInProgressError as error:
            raise Refusal(
                HTTPStatus.CONFLICT,
                "this delivery is being handled; send it again later",
                {"Retry-After": str(BUSY_SECONDS)},
            ) from error
        except KeyReusedError as error:
            # 409 would ask for another attempt, which could not succeed. Source: "The Idempotency-Key HTTP Header
            # Field", draft-ietf-httpapi-idempotency-key-header: 422 for a key that comes with another payload.
            raise Refusal(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "this delivery was answered before with another body: send the new one under an id of its own",
            ) from error
        return Answer(
            status=HTTPStatus.ACCEPTED if new else HTTPStatus.OK,
            body={"status": "accepted" if new else "repeated", "id": event_id},
        )

    @staticmethod
    def ignore() -> Answer:
        """Answer 204: the request is genuine, and nothing here is interested."""
        return Answer(status=HTTPStatus.NO_CONTENT)


def _digest(content: Json, changing: Sequence[str]) -> str:
    """Return the same text for bodies that say the same, but for fields at their top that change."""
    lasting = {name: value for name, value in content.items() if name not in changing}
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()
