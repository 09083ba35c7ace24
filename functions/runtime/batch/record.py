"""One SQS record as a worker sees it: its event or its fault, and its request to the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from functions.runtime.batch import claim_check
from functions.runtime.batch.carried import Carried
from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.event import Event
from functions.runtime.core.settings import queue_settings, settings
from functions.runtime.envelopes.envelope import parse
from functions.runtime.ledger.claims import ClaimRequest
from functions.runtime.ledger.run_key import RunKey, sha256

type SqsRecord = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A parsed record of Lambda's SQS event: its event or fault, what its attribute carries, and its claim request."""

    sqs_record: SqsRecord
    request: ClaimRequest
    carried: Carried
    event: Event | None = None
    fault: EnvelopeError | None = None

    @classmethod
    def of(cls, sqs_record: SqsRecord, request_id: str) -> Self:
        """Parse a record; a record that cannot be parsed has its message id as identity."""
        carried = Carried.of(sqs_record.get("messageAttributes") or {})
        holder = sha256(f"{request_id}/{sqs_record['messageId']}")[:20]
        try:
            event = _parse(sqs_record["body"], carried)
        except EnvelopeError as fault:
            request = _request_of_unparsed(sqs_record, carried, holder)
            return cls(sqs_record=sqs_record, request=request, carried=carried, fault=fault)
        request = _request_of_event(event, carried, holder)
        return cls(sqs_record=sqs_record, request=request, carried=carried, event=event)

    @property
    def message_id(self) -> str:
        """The id of the message, by which Lambda's response reports failed messages."""
        return str(self.sqs_record["messageId"])

    @property
    def receives(self) -> int:
        """How often SQS has delivered the message."""
        return int(self.sqs_record["attributes"]["ApproximateReceiveCount"])

    @property
    def sent_ms(self) -> int:
        """When the message was sent to the queue, in ms since the epoch."""
        return int(self.sqs_record["attributes"]["SentTimestamp"])

    def is_late(self, age_ms: int | None) -> bool:
        """Return whether the event is older than the function accepts.

        Redriven and replayed events are accepted at any age: the operator who sends them again knows it.
        """
        limit = queue_settings().max_age_seconds
        again = self.carried.generation is not None or self.carried.replay is not None
        return bool(limit and age_ms is not None and age_ms > limit * 1000 and not again)

    @property
    def log_keys(self) -> dict[str, Any]:
        """The keys of the record and its event, for each line about them; a line of the function has more keys."""
        subject = self.request.key.subject
        keys = {"subject": subject, "message_id": self.message_id}
        if self.carried.replay:
            keys["replay"] = self.carried.replay
        if self.event is None:
            return keys
        return keys | {"event_id": self.event.id, "event_type": self.event.type} | self.event.lineage.log_keys


def with_body(sqs_record: SqsRecord) -> SqsRecord:
    """Return a record with its body from S3, where the body did not fit into the message; else return it unchanged."""
    key = Carried.of(sqs_record.get("messageAttributes") or {}).body_at
    return claim_check.restore(sqs_record, key) if key else sqs_record


def _request_of_event(event: Event, carried: Carried, holder: str) -> ClaimRequest:
    here = settings()
    return ClaimRequest(
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


def _request_of_unparsed(sqs_record: SqsRecord, carried: Carried, holder: str) -> ClaimRequest:
    """Return the request of a message that is not an event; its id is unique only within this function's queue."""
    here, message_id = settings(), sqs_record["messageId"]
    return ClaimRequest(
        key=RunKey(subject=f"queue/{here.function}", function=here.first_name, identity=message_id),
        holder=holder,
        payload_digest=sha256(sqs_record["body"])[:20],
        sort_key=message_id,
        generation=carried.generation,
    )


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
