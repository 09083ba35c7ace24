"""The statements that claim and settle runs; the ledger executes them.

Each statement has conditions on the row that was read. Of several workers one succeeds, and a statement that is sent
twice changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from functions.runtime.core import clock
from functions.runtime.ledger import runs_index, statements
from functions.runtime.ledger.claims import Claim, ClaimRequest, ClaimResult
from functions.runtime.ledger.decisions import Decision, Outcome
from functions.runtime.ledger.rows import COMPLETED, IN_PROGRESS, NO_NEWEST, LeaseRow, NewestRow, RowKey, RunRow

CLOCK_SKEW_MS: Final = 1_000
# How long older events wait for a newer one that was claimed and not settled, or that will be retried. It is longer
# than any backoff and any visibility timeout. After it the newer message is gone: it expired or the queue was purged.
RESERVED_MS: Final = 2 * 3600 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """Builds the statements for one table; `keep_days` is how long a row is kept after its last write."""

    table: str
    keep_days: int
    ordered: bool

    def claim_run(self, claim: Claim, lease_ms: int) -> statements.Statement:
        """Return the statement that takes the lease of the run's row; a new row has the facts of the event."""
        key, lease, row = run_key(claim.request), _leased(claim, lease_ms), claim.rows.run
        values: RunRow = {"status": IN_PROGRESS, "decision": Decision.RUNNING, "expiration": self.expiration()}
        if row is None:
            facts: RunRow = {"facts": claim.request.facts, "replay": claim.request.replay}
            return statements.insert(self.table, {**key, **lease, **values, **facts})
        return statements.update(self.table, key, {**lease, **values}, _unchanged(row))

    def claim_newest(self, claim: Claim, lease_ms: int) -> statements.Statement:
        """Return the statement that takes the lease of the newest row, which lets one run at a time act."""
        key, lease, newest = newest_key(claim.request), _leased(claim, lease_ms), claim.rows.newest
        values: NewestRow = {
            "newest_claimed": claim.request.sort_key or "",
            "newest_claimed_run": claim.key.sk,
            "reserved": lease["in_progress_expiration"] + RESERVED_MS,
        }
        if newest is None:
            return statements.insert(self.table, {**key, "newest_processed": "", **lease, **values})
        return statements.update(self.table, key, {**lease, **values}, _unchanged(newest))

    def settle_newest(self, result: ClaimResult, outcome: Outcome) -> statements.Statement:
        """Return the statement that releases the lease of the newest row.

        A processed event becomes the newest processed one. An event that will be retried stays the newest claimed one
        and reserves the subject again; after any other decision it does not.
        """
        request = result.request
        values: NewestRow = {"in_progress_expiration": 0, "attempt": _attempt(result, outcome)}
        if outcome.decision is Decision.PROCESSED:
            values |= self._processed(result, outcome)
        elif outcome.decision is Decision.RETRYING:
            values["reserved"] = clock.now_ms() + RESERVED_MS
        else:
            values["newest_claimed"] = (result.rows.newest or NO_NEWEST)["newest_processed"]
        return statements.update(self.table, newest_key(request), values, {"holder": request.holder})

    @staticmethod
    def _processed(result: ClaimResult, outcome: Outcome) -> NewestRow:
        """Return the attributes that a processed run changes; a wake keeps the newest processed event."""
        request = result.request
        values: NewestRow = {"state": outcome.state}
        if outcome.wake or (result.rows.newest or NO_NEWEST).get("wake"):
            values["wake"] = outcome.wake.id if outcome.wake else ""
        if request.wake:
            values["woken"] = request.key.sk
            return values
        return {
            **values,
            "newest_processed": request.sort_key or "",
            "newest_processed_run": request.key.sk,
            "previous": outcome.previous,
        }

    def settle_run(self, result: ClaimResult, outcome: Outcome) -> statements.Statement:
        """Return the statement that writes how an attempt ended; with an order, it may be the row's first."""
        request, row, claim = result.request, result.rows.run, result.claim
        values: statements.Item = self._settled(result, outcome)
        if not (_attempt(result, outcome) > 1 or row):
            values = _without_empty(values)
        if not self.ordered:
            return statements.update(self.table, run_key(request), values, {"holder": request.holder})
        first_write: RunRow = {
            "holder": request.holder,
            "payload_digest": request.payload_digest,
            "facts": request.facts,
            "generation": claim.generation if claim else (row or {}).get("generation", 0),
            "first_at": claim.first_at if claim else clock.now_ms(),
            "replay": request.replay,
        }
        if row is None:
            return statements.insert(self.table, {**run_key(request), **values, **first_write})
        return statements.update(self.table, run_key(request), {**values, **first_write}, _unchanged(row))

    def _settled(self, result: ClaimResult, outcome: Outcome) -> RunRow:
        now, request = clock.now_ms(), result.request
        return {
            "status": IN_PROGRESS if outcome.decision is Decision.RETRYING else COMPLETED,
            "decision": outcome.decision,
            "in_progress_expiration": 0,
            "expiration": self.expiration(),
            "attempt": _attempt(result, outcome),
            "reason": outcome.reason,
            "error_class": outcome.error,
            "correlation_id": outcome.correlation_id,
            "cause": outcome.cause,
            "effects": [_stored(effect, request) for effect in outcome.effects],
            "effects_omitted": outcome.effects_omitted,
            "duration_ms": outcome.duration_ms,
            "settled_at": now,
            "hour": runs_index.partition(now, request.facts.get("id") or request.key.identity),
        }

    def expiration(self) -> int:
        """Return when a row that is written now expires, in seconds since the epoch."""
        return clock.now_ms() // 1_000 + self.keep_days * 86_400


def run_key(request: ClaimRequest) -> RowKey:
    """Return the key of the run's row."""
    return {"pk": request.key.subject, "sk": request.key.sk}


def newest_key(request: ClaimRequest) -> RowKey:
    """Return the key of the newest row of the subject."""
    return {"pk": request.key.subject, "sk": request.key.newest_sk}


def _leased(claim: Claim, lease_ms: int) -> LeaseRow:
    now = clock.now_ms()
    return {
        "holder": claim.request.holder,
        "payload_digest": claim.request.payload_digest,
        "in_progress_expiration": now + lease_ms + CLOCK_SKEW_MS,
        "attempt": claim.attempt,
        "generation": claim.generation,
        "first_at": claim.first_at,
        "claimed_at": now,
    }


def _stored(effect: Mapping[str, Any], request: ClaimRequest) -> dict[str, Any]:
    """Return an effect without empty fields and without the row's own subject: each started KB costs a write unit.

    Source: "DynamoDB read and write operations", Amazon DynamoDB Developer Guide.
    """
    same = {"subject": request.key.subject}
    return {name: value for name, value in effect.items() if value is not None and (name, value) not in same.items()}


def _without_empty(values: statements.Item) -> statements.Item:
    """Return the attributes that have a value; only in a row with earlier attempts do empty ones replace others."""
    required = {"in_progress_expiration", "attempt"}
    return {name: value for name, value in values.items() if value or name in required}


def _attempt(result: ClaimResult, outcome: Outcome) -> int:
    attempt = result.claim.attempt if result.claim else 0
    return attempt - outcome.released


def _unchanged(row: LeaseRow) -> LeaseRow:
    """Return the condition that a row is unchanged: a holder claims a row once, so two attributes suffice."""
    return {"holder": row["holder"], "in_progress_expiration": row["in_progress_expiration"]}
