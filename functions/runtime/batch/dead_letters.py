"""Dead letters: messages in the dead-letter queue of a function, each with the reason in its attribute."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from functions.runtime.batch import claim_check, messages
from functions.runtime.batch.carried import ATTRIBUTE, DATA_TYPE, attributes
from functions.runtime.batch.record import Record
from functions.runtime.core import clock
from functions.runtime.core.replies import Replies
from functions.runtime.core.settings import queue_settings, settings
from functions.runtime.ledger.claims import ClaimResult
from functions.runtime.ledger.decisions import Decision, Outcome
from functions.runtime.run.batching import MESSAGE_BYTES, calls


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Why a message is in a dead-letter queue; `first_at` and `last_at` in ms since the epoch."""

    reason: str
    error: str | None
    function: str
    attempts: int
    correlation_id: str | None
    generation: int
    first_at: int
    last_at: int
    decision: str = Decision.REJECTED
    subject: str | None = None
    replay: str | None = None
    anew: bool = False
    body_at: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read the attribute of a message; None for a value that Herald did not write."""
        try:
            values = json.loads(text)
            return cls(**{each.name: values[each.name] for each in fields(cls) if each.name in values})
        except (TypeError, ValueError):
            return None

    @classmethod
    def of(cls, record: Record, result: ClaimResult, outcome: Outcome) -> Self:
        """Describe a record for the dead-letter queue.

        A record without a claim reused another event's id; that run's counters do not apply to it.
        """
        claim, carried = result.claim, record.carried
        first_at = claim.first_at if claim else clock.now_ms()
        generation = claim.generation if claim else result.request.next_generation
        # A later redrive may be able to read the stored body. It then reopens the run of the event in that body, so
        # the generation and the key of the body stay.
        unread = claim_check.is_reference(record.sqs_record["body"], carried.body_at)
        return cls(
            reason=outcome.reason,
            error=outcome.error,
            function=settings().function,
            attempts=claim.attempt if claim else 0,
            correlation_id=outcome.correlation_id,
            generation=(carried.generation or 0) if unread else generation,
            # A message that is not an event has a new row, with a new first claim, after each redrive.
            first_at=min(first_at, carried.first_at or first_at),
            last_at=clock.now_ms(),
            decision=outcome.decision,
            subject=result.request.key.subject,
            replay=carried.replay,
            anew=carried.anew,
            body_at=carried.body_at if unread else None,
        )


def fit(body: str, dead_letter: DeadLetter) -> tuple[str, DeadLetter]:
    """Return a body and a dead letter that fit into one message; a body that is too large is stored in S3 first."""
    if _size(body, json.dumps(asdict(dead_letter))) <= MESSAGE_BYTES:
        return body, dead_letter
    key = claim_check.store(body)
    return claim_check.reference(key), replace(dead_letter, body_at=key)


def entries_by_call(dead_letters: Mapping[int, tuple[str, DeadLetter]]) -> Iterator[dict[int, dict[str, Any]]]:
    """Yield the entries of SendMessageBatch for bodies and dead letters, by their places, one group per call."""
    texts = {place: json.dumps(asdict(dead_letter)) for place, (_, dead_letter) in dead_letters.items()}
    for group in calls({place: _size(dead_letters[place][0], texts[place]) for place in dead_letters}):
        yield {
            place: {
                "Id": str(place),
                "MessageBody": dead_letters[place][0],
                "MessageAttributes": attributes(texts[place]),
            }
            for place in group
        }


def send(entries: Mapping[int, Mapping[str, Any]], replies: Replies) -> None:
    """Send entries, by their places, to the dead-letter queue in one call; record the reply of SQS to each."""
    messages.send(queue_settings().dead_letter_url, entries, replies)


def _size(body: str, text: str) -> int:
    """Return the size of a message in bytes as SQS counts it: body, and name, type and value of the attribute."""
    return len(body.encode()) + len(text.encode()) + len(ATTRIBUTE) + len(DATA_TYPE)
