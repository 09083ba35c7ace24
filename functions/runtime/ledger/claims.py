"""The words for a run on its way: its key, who wants it, who holds it, what is decided of it and how it ended."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from functools import cached_property
from typing import Any, Final

from functions.runtime.core.event import Event
from functions.runtime.core.wakes import Wake


class Decision(StrEnum):
    """What was decided for one event and one function."""

    RUNNING = "running"
    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    STALE = "stale"
    LATE = "late"
    RETRYING = "retrying"
    REJECTED = "rejected"
    DEAD = "dead"
    IGNORED = "ignored"


DEAD_LETTERED: Final = frozenset({Decision.REJECTED, Decision.DEAD, Decision.LATE})


class ClaimStatus(StrEnum):
    """What is to be done with a delivery."""

    CLAIM = auto()
    ALREADY_OURS = auto()  # the claim landed, only its answer was lost
    BUSY = auto()  # another holds it: back to the queue, which spends nothing
    LEASE_EXPIRED = auto()  # its worker died: to be taken over last, and alone
    SAME_BATCH = auto()  # another delivery of this batch goes first
    DUPLICATE = auto()
    STALE = auto()
    ID_REUSED = auto()  # the same id, with other content
    UNKNOWN = auto()  # the ledger did not answer: nothing runs


@dataclass(frozen=True, kw_only=True)
class RunKey:
    """What a run is known by: the subject, the function, and what tells one event of the subject from another.

    The function is named by the first name it ever had: it may be renamed between two deliveries. A replay that runs
    everything anew has keys of its own: its name follows the function's.
    """

    subject: str
    function: str
    identity: str
    source: str = ""
    replay: str | None = None

    @classmethod
    def of(cls, event: Event, function: str, replay: str | None = None) -> "RunKey":
        """Key the run of one function on one event; an event id is unique only within its source."""
        identity = f"{event.source}\n{event.id}"
        return cls(subject=event.subject, function=function, identity=identity, source=event.source, replay=replay)

    @property
    def digest(self) -> str:
        """The whole key as 64 hexadecimal digits, from which the ids of effects are derived."""
        return sha256(f"{self.subject}\n{self._owner}\n{self.identity}")

    @cached_property
    def sk(self) -> str:
        """The sort key; the identity is hashed because a sort key holds 1,024 bytes at most."""
        return f"{self._owner}#{sha256(self.identity)[:32]}"

    @cached_property
    def newest_sk(self) -> str:
        """The sort key of the subject's `newest`; sequences of two sources cannot be compared."""
        return f"{self._owner}#newest#{sha256(self.source)[:16]}"

    @property
    def _owner(self) -> str:
        return f"{self.function}@{self.replay}" if self.replay else self.function


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequest:
    """A delivery that wants its run: `holder` is unique to it, `generation` is what a dead letter carries.

    Of a wake, `wake` is its id and `asked_by` the holder of the claim whose run asked for it.
    """

    key: RunKey
    holder: str
    payload_digest: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    sort_key: str | None = None
    generation: int | None = None
    replay: str | None = None
    wake: str = ""
    asked_by: str = ""
    alone: bool = False

    def taken_over(self, *, alone: bool) -> "ClaimRequest":
        """Return the request as it is made when it is alone, and may take over a run whose worker died."""
        return replace(self, alone=alone)

    @property
    def next_generation(self) -> int:
        """The generation of what has no row that counts it: a dead letter goes on where it was."""
        return 0 if self.generation is None else self.generation + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What the ledger holds for a request: the run's own row, and the subject's newest where there is an order."""

    run: Mapping[str, Any] | None = None
    newest: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to act on a run until its lease ends; `first_at` is its first claim, in ms since the epoch.

    `previous` and `state` are what the subject's last processed run left, None and empty without an order.
    """

    request: ClaimRequest
    attempt: int
    generation: int
    first_at: int
    rows: Rows = Rows()

    @property
    def key(self) -> RunKey:
        """The run's key."""
        return self.request.key

    @property
    def previous(self) -> Mapping[str, Any] | None:
        """The event last processed, as it was settled."""
        return (self.rows.newest or {}).get("previous")

    @property
    def state(self) -> Mapping[str, Any]:
        """The subject's state, as it was settled."""
        state: dict[str, Any] = json.loads((self.rows.newest or {}).get("state") or "{}")
        return state


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimResult:
    """What is to be done with one request: `claim` where it may run, `lease_end` (ms) where it must wait."""

    request: ClaimRequest
    status: ClaimStatus
    rows: Rows = Rows()
    claim: Claim | None = None
    lease_end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: `reason` is a sentence, `error` the class raised, `effects` what the run caused.

    `released` is an attempt that never began: it is not counted. `previous` and `state` (JSON) are kept where there
    is an order and the run was processed. `entries` are its events, for PutEvents, and `wake` the wake it asked for:
    they leave before it is settled.
    """

    decision: Decision
    reason: str
    error: str | None = None
    correlation_id: str | None = None
    cause: Mapping[str, Any] | None = None
    effects: Sequence[Mapping[str, Any]] = ()
    effects_omitted: int = 0
    duration_ms: int = 0
    released: bool = False
    previous: Mapping[str, Any] | None = None
    state: str = "{}"
    put_events_entries: Sequence[Mapping[str, str]] = ()
    wake: Wake | None = None


def sha256(text: str) -> str:
    """Return 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
