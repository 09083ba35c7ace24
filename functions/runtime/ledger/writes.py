"""What is written of a run when it is claimed and when it is settled, as statements; nothing here writes them.

Every write is guarded by what was read, so that of several workers one wins, and may be repeated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from functions.runtime.core import clock
from functions.runtime.ledger import statements
from functions.runtime.ledger.claims import Claim, ClaimRequest, ClaimResult, Decision, Outcome

CLOCK_SKEW_MS: Final = 1_000
# How long an older event waits for a newer one that was claimed and has not come back: longer than any backoff and any
# visibility timeout. After that the newer message is gone (purged, or expired), and nobody may wait for it for ever.
RESERVED_MS: Final = 2 * 3600 * 1000

NOBODY: Final[Mapping[str, Any]] = {"newest_claimed": "", "newest_processed": "", "in_progress_expiration": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """Makes the statements for a table whose rows are kept for that many days after their last write."""

    table: str
    keep_days: int
    ordered: bool

    def claim_run(self, claim: Claim, lease_ms: int) -> statements.Statement:
        """Take the run's row for `lease_ms`, with what is known of the event where it is new."""
        row, values = claim.rows.run, _held(claim, lease_ms)
        values |= {"status": "INPROGRESS", "decision": Decision.RUNNING, "expiration": self.expiration()}
        if row is None:
            facts = {"facts": claim.request.facts, "replay": claim.request.replay}
            return statements.insert(self.table, run_key(claim.request) | values | facts)
        return statements.update(self.table, run_key(claim.request), values, _unchanged(row))

    def claim_newest(self, claim: Claim, lease_ms: int) -> statements.Statement:
        """Take the row of the subject, which lets one run at a time act on it."""
        values = _held(claim, lease_ms) | {"newest_claimed": claim.request.sort_key, "newest_claimed_run": claim.key.sk}
        values["reserved"] = values["in_progress_expiration"] + RESERVED_MS
        newest = claim.rows.newest
        if newest is None:
            return statements.insert(self.table, newest_key(claim.request) | {"newest_processed": ""} | values)
        return statements.update(self.table, newest_key(claim.request), values, _unchanged(newest))

    def settle_newest(self, result: ClaimResult, outcome: Outcome) -> statements.Statement:
        """Move `newest_processed` to a processed event; a retried one keeps its reservation, any other releases it."""
        request = result.request
        values: dict[str, Any] = {"in_progress_expiration": 0, "attempt": _attempt(result, outcome)}
        if outcome.decision is Decision.PROCESSED:
            values |= self._processed(result, outcome)
        elif outcome.decision is Decision.RETRYING:
            values["reserved"] = clock.now_ms() + RESERVED_MS
        else:
            values["newest_claimed"] = (result.rows.newest or NOBODY)["newest_processed"]
        return statements.update(self.table, newest_key(request), values, {"holder": request.holder})

    @staticmethod
    def _processed(result: ClaimResult, outcome: Outcome) -> dict[str, Any]:
        """Return the new values of the subject's row; a wake has the sort key of the run that asked for it."""
        request, values = result.request, {"state": outcome.state}
        if outcome.wake or (result.rows.newest or NOBODY).get("wake"):
            values["wake"] = outcome.wake.id if outcome.wake else ""
        if request.wake:
            return values | {"woken": request.key.sk}
        return values | {
            "newest_processed": request.sort_key,
            "newest_processed_run": request.key.sk,
            "previous": outcome.previous,
        }

    def settle_run(self, result: ClaimResult, outcome: Outcome) -> statements.Statement:
        """Write down how an attempt ended; with an order the run may have no row before."""
        request, row, claim = result.request, result.rows.run, result.claim
        values = self._settled(result, outcome)
        if not self.ordered:
            return statements.update(self.table, run_key(request), values, {"holder": request.holder})
        values |= {
            "holder": request.holder,
            "payload_digest": request.payload_digest,
            "facts": request.facts,
            "generation": claim.generation if claim else int((row or {}).get("generation", 0)),
            "first_at": claim.first_at if claim else clock.now_ms(),
            "replay": request.replay,
        }
        if row is None:
            return statements.insert(self.table, run_key(request) | values)
        return statements.update(self.table, run_key(request), values, _unchanged(row))

    def _settled(self, result: ClaimResult, outcome: Outcome) -> dict[str, Any]:
        values = {
            "status": "INPROGRESS" if outcome.decision is Decision.RETRYING else "COMPLETED",
            "decision": outcome.decision,
            "in_progress_expiration": 0,
            "expiration": self.expiration(),
            "attempt": _attempt(result, outcome),
            "reason": outcome.reason,
            "error_class": outcome.error,
            "correlation_id": outcome.correlation_id,
            "cause": outcome.cause,
            "effects": [_brief(effect, result.request) for effect in outcome.effects],
            "effects_omitted": outcome.effects_omitted,
            "duration_ms": outcome.duration_ms,
            "settled_at": clock.now_ms(),
        }
        if _attempt(result, outcome) > 1 or result.rows.run:
            return values  # what an earlier attempt said is written over
        needed = {"in_progress_expiration", "attempt"}
        return {name: value for name, value in values.items() if value or name in needed}

    def expiration(self) -> int:
        """Return when a row that is written now goes, in seconds since the epoch."""
        return clock.now_ms() // 1_000 + self.keep_days * 86_400


def run_key(request: ClaimRequest) -> dict[str, Any]:
    """Return the key of the run's row."""
    return {"pk": request.key.subject, "sk": request.key.sk}


def newest_key(request: ClaimRequest) -> dict[str, Any]:
    """Return the key of the subject's row."""
    return {"pk": request.key.subject, "sk": request.key.newest_sk}


def _held(claim: Claim, lease_ms: int) -> dict[str, Any]:
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


def _brief(effect: Mapping[str, Any], request: ClaimRequest) -> dict[str, Any]:
    """Leave out what says nothing, and a subject that is the row's: a row over 1 KB costs a second write unit."""
    same = {"subject": request.key.subject}
    return {name: value for name, value in effect.items() if value is not None and (name, value) not in same.items()}


def _attempt(result: ClaimResult, outcome: Outcome) -> int:
    attempt = result.claim.attempt if result.claim else 0
    return attempt - outcome.released


def _unchanged(row: Mapping[str, Any]) -> dict[str, Any]:
    """Expect the row as it was read: a holder claims a row once, so these two tell all its states apart."""
    return {name: row[name] for name in ("holder", "in_progress_expiration")}
