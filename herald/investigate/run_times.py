"""The times of a run: of its event, its attempts and its decision, and when a failed attempt is repeated."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from functions.runtime.ledger.decisions import Decision
from infra.declarations.spec import FunctionSpec

type Row = Mapping[str, Any]
type Times = dict[str, str | None]


def times(row: Row, spec: FunctionSpec | None) -> Times:
    """Return the times of a row as ISO 8601 in UTC; None: the row does not have it, or it does not apply.

    `lease_until` is set while an attempt runs: after it, the worker has crashed, and SQS delivers the message again.
    A retry has a random delay that the ledger does not have: `next_attempt_by` is the end of its range, from the
    backoff in function.toml.
    """
    running, retrying = (row["decision"] == each for each in (Decision.RUNNING, Decision.RETRYING))
    lease = row.get("in_progress_expiration")
    return {
        "event": row["facts"].get("time"),
        "started": _iso(row.get("first_at")),
        "last_attempt": _iso(_last_attempt(row)),
        "settled": None if running else _iso(row.get("settled_at")),
        "lease_until": _iso(lease) if running and lease else None,
        "next_attempt_by": _iso(_next_attempt_by(row, spec)) if retrying else None,
    }


def _last_attempt(row: Row) -> int | None:
    """Return when the last attempt started; the row of an ordered function has no time of its claim."""
    settled, claimed = row.get("settled_at"), row.get("claimed_at")
    if claimed or not settled:
        return claimed
    return int(settled - (row.get("duration_ms") or 0)) if row.get("attempt") else None


def _next_attempt_by(row: Row, spec: FunctionSpec | None) -> int | None:
    """Return the latest time of the next attempt, by the rule of functions/runtime/batch/retry.py."""
    settled = row.get("settled_at")
    if spec is None or not settled:
        return None
    delivery = spec.delivery
    most = min(delivery.backoff_cap_seconds, delivery.backoff_base_seconds * 2 ** row.get("attempt", 0))
    return int(settled + most * 1_000)


def _iso(ms: float | None) -> str | None:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds") if ms else None
