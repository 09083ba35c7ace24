"""Claims: a delivery requests a run, and the ledger answers with a status and, if the run may start, with a claim."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from typing import Any

from functions.runtime.ledger.rows import NO_ROWS, Rows
from functions.runtime.ledger.run_key import RunKey


class ClaimStatus(StrEnum):
    """The answer to a claim request."""

    CLAIM = auto()  # the run may start
    ALREADY_OURS = auto()  # this delivery already has the claim: the write succeeded, its reply was lost
    BUSY = auto()  # another delivery holds the lease; the message returns to the queue and no attempt counts
    LEASE_EXPIRED = auto()  # the last worker crashed; the run is taken over after all others, alone
    SAME_BATCH = auto()  # another delivery of this batch is processed first
    DUPLICATE = auto()
    STALE = auto()
    ID_REUSED = auto()  # the ledger has another event with the same id
    UNKNOWN = auto()  # the ledger did not answer; nothing runs


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequest:
    """A request of one delivery to run: `holder` is unique to the delivery.

    `generation` is the generation that a dead letter carries. If the event is a wake, `wake` is its id and `asked_by`
    the holder of the claim of the run that asked for it. `alone` allows taking over a run with an expired lease.
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
        """Return the request with another `alone`."""
        return replace(self, alone=alone)

    @property
    def next_generation(self) -> int:
        """The generation of a run without a row: a redriven dead letter continues to count."""
        return 0 if self.generation is None else self.generation + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to act on a run until its lease ends; `first_at` is the time of the first claim, in ms since the epoch.

    `previous` and `state` come from the last processed run of the subject; without an order they are None and empty.
    """

    request: ClaimRequest
    attempt: int
    generation: int
    first_at: int
    rows: Rows = NO_ROWS

    @property
    def key(self) -> RunKey:
        """The run's key."""
        return self.request.key

    @property
    def previous(self) -> Mapping[str, Any] | None:
        """The event that was processed last."""
        return self.rows.newest.get("previous") if self.rows.newest else None

    @property
    def state(self) -> Mapping[str, Any]:
        """The state that the last processed run kept."""
        kept = self.rows.newest.get("state") if self.rows.newest else None
        state: dict[str, Any] = json.loads(kept or "{}")
        return state


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimResult:
    """The answer to one request: `claim` if the run may start, `lease_end` (ms) if it has to wait."""

    request: ClaimRequest
    status: ClaimStatus
    rows: Rows = NO_ROWS
    claim: Claim | None = None
    lease_end: int = 0
