"""Decisions: what the runtime decided for one event and one function, and how an attempt ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from functions.runtime.core.wakes import Wake


class Decision(StrEnum):
    """The decision for one event and one function."""

    RUNNING = "running"
    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    STALE = "stale"
    LATE = "late"
    RETRYING = "retrying"
    REJECTED = "rejected"
    DEAD = "dead"
    IGNORED = "ignored"


# Decisions that are not final.
OPEN: Final = frozenset({Decision.RUNNING, Decision.RETRYING})
# Decisions that send the message to the dead-letter queue.
DEAD_LETTERED: Final = frozenset({Decision.REJECTED, Decision.DEAD, Decision.LATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: `reason` is a sentence, `error` the class of the exception, `effects` what the run caused.

    `handled` is the decision when the handler ended, None if it was not called; it differs from `decision` if AWS did
    not accept the effects. `released` marks an attempt that did not start; it does not count. `previous` and
    `state` (JSON) are kept if the function has an order and the run was processed. `put_events_entries` and `wake` are
    sent before the run is settled.
    """

    decision: Decision
    reason: str
    error: str | None = None
    correlation_id: str | None = None
    cause: Mapping[str, Any] | None = None
    effects: Sequence[Mapping[str, Any]] = ()
    effects_omitted: int = 0
    duration_ms: int = 0
    handled: Decision | None = None
    released: bool = False
    previous: Mapping[str, Any] | None = None
    state: str = "{}"
    put_events_entries: Sequence[Mapping[str, str]] = ()
    wake: "Wake | None" = None
