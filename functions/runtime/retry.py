"""Which error is tried again, after how long, and what a message in a dead-letter queue says of itself."""

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from functions.runtime import aws
from functions.runtime.errors import Permanent
from functions.runtime.ledger import Claim, Decision, Outcome, now_ms
from functions.runtime.settings import settings

BASE_SECONDS: Final = 2
CAP_SECONDS: Final = 900
BUSY_BASE_SECONDS: Final = 1

# One JSON attribute: SQS allows ten attributes a message, and console redrives carry all of them along.
ATTRIBUTE: Final = "herald"
REASON_LENGTH: Final = 500


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


def decide(error: Exception, attempt: int) -> Decision:
    """Return rejected for what cannot succeed, dead when the attempts are spent, retrying otherwise."""
    if isinstance(error, Permanent):
        return Decision.REJECTED
    return Decision.DEAD if attempt >= settings().max_attempts else Decision.RETRYING


def describe(error: Exception) -> str:
    """Return the error as one short sentence."""
    text = " ".join(str(error).split()) or "no message"
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"


def backoff_seconds(attempt: int) -> int:
    """Return how long to wait after a failed attempt: exponential with full jitter.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
    """
    return round(random.uniform(0, min(CAP_SECONDS, BASE_SECONDS * 2**attempt)))  # noqa: S311 - jitter, not a secret


def busy_seconds(receives: int, lease_end: int) -> int:
    """Return how long to leave a run to its holder: 1 s, doubling with the receives, at most to the lease's end."""
    lease_left = max(1, (lease_end - now_ms()) // 1000 + 1)
    doubled: int = BUSY_BASE_SECONDS * 2 ** min(receives - 1, 9)
    return round(min(lease_left, doubled * random.uniform(1, 1.5)))  # noqa: S311 - as above


def put_back(receipt_handle: str, seconds: int) -> None:
    """Hide a message for that long, after which SQS delivers it again."""
    aws.sqs().change_message_visibility(
        QueueUrl=settings().queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
    )


def bury(body: str, claim: Claim, outcome: Outcome) -> None:
    """Send a message to the function's dead-letter queue with everything an operator asks first."""
    letter = DeadLetter(
        reason=outcome.reason,
        error=outcome.error,
        function=claim.key.function,
        attempts=claim.attempt,
        correlation_id=outcome.correlation_id,
        generation=claim.generation,
        first_at=claim.first_at,
        last_at=now_ms(),
    )
    aws.sqs().send_message(
        QueueUrl=settings().dead_letter_url,
        MessageBody=body,
        MessageAttributes={ATTRIBUTE: {"DataType": "String", "StringValue": json.dumps(asdict(letter))}},
    )


def generation(attributes: Mapping[str, Any]) -> int | None:
    """Return the generation a redriven message carries, None for one that never was a dead letter."""
    try:
        return int(json.loads(attributes[ATTRIBUTE]["stringValue"])["generation"])
    except (KeyError, TypeError, ValueError):
        return None
