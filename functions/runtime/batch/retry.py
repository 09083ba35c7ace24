"""Which error is tried again, after how long, and what a message in a dead-letter queue says of itself."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from itertools import batched
from typing import TYPE_CHECKING, Any, Final, Self

from functions.runtime.batch import claim_check
from functions.runtime.core import aws, clock
from functions.runtime.core.errors import HeraldError, Permanent
from functions.runtime.core.settings import queue_settings, settings
from functions.runtime.ledger.claims import ClaimResult
from functions.runtime.ledger.decisions import Decision, Outcome
from functions.runtime.run.batching import ENTRIES_PER_CALL, MESSAGE_BYTES, calls

if TYPE_CHECKING:
    from functions.runtime.batch.record import Delivery

BUSY_BASE_SECONDS: Final = 1
BUSY_DOUBLINGS: Final = 9
TAKEN: Final = ""

# One JSON attribute: SQS allows ten attributes a message, and console redrives carry all of them along.
ATTRIBUTE: Final = "herald"
DATA_TYPE: Final = "String"
REASON_LENGTH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a message says of its own past: the generation and the first time of a dead letter, the name of a replay.

    `anew` is a replay under keys of its own, which runs again what was processed. `body_at` is the key of the object
    that has the body, where the message had no room for it.
    """

    generation: int | None = None
    first_at: int | None = None
    replay: str | None = None
    anew: bool = False
    body_at: str | None = None

    @classmethod
    def by(cls, attributes: Mapping[str, Any]) -> Self:
        """Read the attributes of an SQS record."""
        try:
            return cls.parse(attributes[ATTRIBUTE]["stringValue"])
        except (KeyError, TypeError):
            return cls()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of our attribute; what is none of ours says nothing."""
        try:
            said = json.loads(text)
            generation, first_at = (said.get(name) for name in ("generation", "first_at"))
            replay, body_at = (said.get(name) for name in ("replay", "body_at"))
        except (AttributeError, TypeError, ValueError):
            return cls()
        return cls(
            generation=generation if isinstance(generation, int) else None,
            first_at=first_at if isinstance(first_at, int) else None,
            replay=replay if isinstance(replay, str) and replay else None,
            anew=said.get("anew") is True,
            body_at=body_at if isinstance(body_at, str) and body_at else None,
        )

    @property
    def key(self) -> str | None:
        """The replay that is part of the run's key."""
        return self.replay if self.anew else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Why a message lies in a dead-letter queue; `first_at` and `last_at` in milliseconds since the epoch."""

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
        """Read the attribute of a message, None where it is none of ours."""
        try:
            said = json.loads(text)
            return cls(**{each.name: said[each.name] for each in fields(cls) if each.name in said})
        except (TypeError, ValueError):
            return None


def decide(error: Exception, attempt: int) -> Decision:
    """Return rejected for what cannot succeed, dead when the attempts are spent, retrying otherwise."""
    if isinstance(error, Permanent):
        return Decision.REJECTED
    return Decision.DEAD if attempt >= queue_settings().max_attempts else Decision.RETRYING


def describe(error: Exception) -> str:
    """Return the error as one short sentence; what is not ours is named, for a KeyError's words are a key alone."""
    text = " ".join(str(error).split()) or "no message"
    text = text if isinstance(error, HeraldError) else f"{type(error).__name__}: {text}"
    if len(text) <= REASON_LENGTH:
        return text
    half = REASON_LENGTH // 2  # a long key stands at the beginning, and what is wrong with it at the end
    return f"{text[: half - 1]}…{text[-half:]}"


def backoff_seconds(attempt: int) -> int:
    """Return how long to wait after a failed attempt: exponential with full jitter.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
    """
    most = min(queue_settings().cap_seconds, queue_settings().base_seconds * 2**attempt)
    return round(random.uniform(0, most))  # noqa: S311 - jitter, not a secret


def busy_seconds(receives: int, lease_end: int) -> int:
    """Return how long to leave a run to its holder: 1 s, doubling with the receives, at most to the lease's end."""
    lease_left = max(1, (lease_end - clock.now_ms()) // 1000 + 1)
    doubled: int = BUSY_BASE_SECONDS * 2 ** min(receives - 1, BUSY_DOUBLINGS)
    return round(min(lease_left, doubled * random.uniform(1, 1.5)))  # noqa: S311 - as above


def put_back(delays: Mapping[str, int]) -> None:
    """Hide messages (by receipt handle) for that many seconds, after which SQS delivers them again.

    One that cannot be hidden comes back when its visibility ends.
    """
    for group in batched(delays.items(), ENTRIES_PER_CALL, strict=False):
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
            for number, (handle, seconds) in enumerate(group)
        ]
        aws.sqs().change_message_visibility_batch(QueueUrl=queue_settings().url, Entries=entries)  # type: ignore[arg-type] # of its shape


def letter(delivery: "Delivery", result: ClaimResult, outcome: Outcome) -> DeadLetter:
    """Say why a delivery is buried; one that has no claim took the id of a run, whose row counts nothing for it."""
    claim, carried = result.claim, delivery.carried
    first_at = claim.first_at if claim else clock.now_ms()
    generation = claim.generation if claim else result.request.next_generation
    # Where its body could not be read, a later redrive may find it: it then has to reopen the run that it is of.
    unread = claim_check.is_reference(delivery.record["body"], carried.body_at)
    return DeadLetter(
        reason=outcome.reason,
        error=outcome.error,
        function=settings().function,
        attempts=claim.attempt if claim else 0,
        correlation_id=outcome.correlation_id,
        generation=(carried.generation or 0) if unread else generation,
        first_at=min(first_at, carried.first_at or first_at),  # what is no event has a new row each time
        last_at=clock.now_ms(),
        decision=outcome.decision,
        subject=result.request.key.subject,
        replay=carried.replay,
        anew=carried.anew,
        body_at=carried.body_at if unread else None,
    )


def fit(body: str, letter: DeadLetter) -> tuple[str, DeadLetter]:
    """Return a body and what it says of itself as one message can hold them: a large body is stored before."""
    if _size(body, json.dumps(asdict(letter))) <= MESSAGE_BYTES:
        return body, letter
    key = claim_check.store(body)
    return claim_check.reference(key), replace(letter, body_at=key)


def _size(body: str, said: str) -> int:
    """Return the bytes of a message, to which SQS counts the name and the type of an attribute."""
    return len(body.encode()) + len(said.encode()) + len(ATTRIBUTE) + len(DATA_TYPE)


def entries_by_call(letters: Mapping[int, tuple[str, DeadLetter]]) -> Iterator[dict[int, dict[str, Any]]]:
    """Yield bodies, with everything an operator asks first, as entries by their places: each group is one call."""
    said = {place: json.dumps(asdict(letter)) for place, (_, letter) in letters.items()}
    for group in calls({place: _size(letters[place][0], said[place]) for place in letters}):
        yield {
            place: {
                "Id": str(place),
                "MessageBody": letters[place][0],
                "MessageAttributes": attribute(said[place]),
            }
            for place in group
        }


def attribute(text: str) -> dict[str, dict[str, str]]:
    """Return the attributes of a message that says this of itself, as SQS takes them."""
    return {ATTRIBUTE: {"DataType": DATA_TYPE, "StringValue": text}}


def bury(entries: Mapping[int, Mapping[str, Any]], codes: list[str]) -> None:
    """Send entries to the function's dead-letter queue; write into `codes` TAKEN, or what SQS answered to each."""
    send(queue_settings().dead_letter_url, entries, codes)


def send(url: str, entries: Mapping[int, Mapping[str, Any]], codes: list[str]) -> None:
    """Send entries, by their places, to a queue in one call; write into `codes` TAKEN, or what SQS answered to each."""
    reply = aws.sqs().send_message_batch(QueueUrl=url, Entries=list(entries.values()))  # type: ignore[arg-type] # of its shape
    for done in reply.get("Successful", []):
        codes[int(done["Id"])] = TAKEN
    for refused in reply.get("Failed", []):
        codes[int(refused["Id"])] = refused["Code"]
