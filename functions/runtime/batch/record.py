"""One SQS record on its way: the event in it, or what is wrong with it, and what is asked of the ledger for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from functions.runtime.batch import claim_check
from functions.runtime.batch.retry import Carried
from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.event import Event
from functions.runtime.core.settings import queue_settings, settings
from functions.runtime.envelopes.envelope import parse
from functions.runtime.ledger.claims import ClaimRequest, RunKey, sha256

type Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A record of Lambda's SQS event: its event or its fault, what it carries, and its request."""

    record: Record
    request: ClaimRequest
    carried: Carried
    event: Event | None = None
    fault: EnvelopeError | None = None

    @classmethod
    def of(cls, record: Record, request_id: str) -> Self:
        """Parse a record; one that cannot be parsed is known by its message id, for it has nothing better."""
        here, carried = settings(), Carried.by(record.get("messageAttributes") or {})
        holder = sha256(f"{request_id}/{record['messageId']}")[:20]
        try:
            event = _parse(record["body"], carried)
        except EnvelopeError as fault:
            # The id is one of this queue's alone.
            subject = f"queue/{here.function}"
            key = RunKey(subject=subject, function=here.first_name, identity=record["messageId"])
            payload = sha256(record["body"])[:20]
            request = ClaimRequest(
                key=key,
                holder=holder,
                payload_digest=payload,
                sort_key=record["messageId"],
                generation=carried.generation,
            )
            return cls(record=record, request=request, carried=carried, fault=fault)
        request = ClaimRequest(
            key=RunKey.of(event, here.first_name, carried.key),
            holder=holder,
            payload_digest=event.payload_digest,
            facts=event.facts,
            sort_key=event.sort_key if here.ordered else None,
            generation=carried.generation,
            replay=carried.replay,
            wake=event.id if event.woken else "",
            asked_by=event.asked_by or "",
        )
        return cls(record=record, request=request, carried=carried, event=event)

    @property
    def message_id(self) -> str:
        """The id by which Lambda is told what became of the message."""
        return str(self.record["messageId"])

    @property
    def handle(self) -> str:
        """The receipt handle of this delivery."""
        return str(self.record["receiptHandle"])

    @property
    def receives(self) -> int:
        """How often SQS has delivered the message."""
        return int(self.record["attributes"]["ApproximateReceiveCount"])

    @property
    def sent_ms(self) -> int:
        """When it was put into the queue, in milliseconds since the epoch."""
        return int(self.record["attributes"]["SentTimestamp"])

    def is_late(self, age_ms: int | None) -> bool:
        """Judge whether the event is older than the function accepts; people who send again know how old it is."""
        limit = queue_settings().max_age_seconds
        again = self.carried.generation is not None or self.carried.replay is not None
        return bool(limit and age_ms is not None and age_ms > limit * 1000 and not again)

    @property
    def log_keys(self) -> dict[str, Any]:
        """What every log line of the run carries, whoever writes it."""
        subject = self.request.key.subject
        keys = {"function": settings().function, "subject": subject, "message_id": self.message_id}
        if self.carried.replay:
            keys["replay"] = self.carried.replay
        if self.event is None:
            return keys
        lineage = self.event.lineage
        return keys | {
            "event_id": self.event.id,
            "event_type": self.event.type,
            "correlation_id": lineage.correlation_id,
            "causation_id": lineage.cause.event_id if lineage.cause else None,
        }


def with_body(record: Record) -> Record:
    """Return a record with the body that its message had no room for; any other as it is."""
    key = Carried.by(record.get("messageAttributes") or {}).body_at
    return claim_check.restore(record, key) if key else record


def _parse(body: str, carried: Carried) -> Event:
    if claim_check.is_reference(body, carried.body_at):
        fault = f"cannot be read: the journal's bucket has no object {carried.body_at}, or denies access to it"
        raise EnvelopeError("the body", fault)
    event = parse(body)
    if event.woken and not queue_settings().wakes:
        raise EnvelopeError("the event", "is a wake, but [delivery] of function.toml no longer has wakes = true")
    if settings().ordered and event.sort_key is None:
        raise EnvelopeError(
            "sequence", f"is missing in {event.type}: this function orders the events of a subject by it"
        )
    return event
