"""Decides whether an error is retried, and after how many seconds SQS delivers the message again."""

import random
from typing import Final

from functions.runtime.core import clock
from functions.runtime.core.errors import Permanent
from functions.runtime.core.settings import queue_settings
from functions.runtime.ledger.decisions import Decision

BUSY_BASE_SECONDS: Final = 1
BUSY_DOUBLINGS: Final = 9
UNDECIDED_MS: Final = 60_000


def decide(error: Exception, attempt: int) -> Decision:
    """Return rejected for a permanent error, dead after the last attempt, retrying otherwise."""
    if isinstance(error, Permanent):
        return Decision.REJECTED
    return Decision.DEAD if attempt >= queue_settings().max_attempts else Decision.RETRYING


def backoff_seconds(attempt: int) -> int:
    """Return how long to wait after a failed attempt: exponential with full jitter.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
    """
    most = min(queue_settings().cap_seconds, queue_settings().base_seconds * 2**attempt)
    return round(random.uniform(0, most))  # noqa: S311 - jitter, not a secret


def busy_seconds(receives: int, lease_end: int) -> int:
    """Return how long to wait for a run of another worker: 1 s, doubled with each receive, at most until `lease_end`.

    `lease_end` is in ms since the epoch.
    """
    lease_left = max(1, (lease_end - clock.now_ms()) // 1000 + 1)
    doubled: int = BUSY_BASE_SECONDS * 2 ** min(receives - 1, BUSY_DOUBLINGS)
    return round(min(lease_left, doubled * random.uniform(1, 1.5)))  # noqa: S311 - jitter, not a secret


def undecided_seconds(receives: int) -> int:
    """Return how long to wait where no end of a lease is known: as `busy_seconds`, for at most a minute."""
    return busy_seconds(receives, clock.now_ms() + UNDECIDED_MS)
