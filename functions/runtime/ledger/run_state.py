"""The state of a run, judged by its row and by the newest row of its subject.

The runtime and the tools use the same functions. Nothing here reads or writes a table.
"""

from enum import StrEnum, auto

from functions.runtime.ledger.decisions import DEAD_LETTERED
from functions.runtime.ledger.rows import COMPLETED, LeaseRow, NewestRow, Rows, RunRow
from functions.runtime.ledger.run_key import RunKey


class RunState(StrEnum):
    """How far a run is."""

    PROCESSED = auto()
    OPEN = auto()
    MISSING = auto()  # it was never claimed
    STUCK = auto()  # it is open and nothing happened for too long
    DEAD = auto()  # its message is in the dead-letter queue


def run_state(key: RunKey, rows: Rows, now: int, stuck_after_ms: int) -> RunState:
    """Return the state of a run; `now` is in ms since the epoch."""
    if rows.run and is_completed(rows.run):
        return RunState.DEAD if rows.run["decision"] in DEAD_LETTERED else RunState.PROCESSED
    # A worker that crashed after it wrote the newest row did not write the run's row.
    if rows.newest and is_last_processed(rows.newest, key.sk):
        return RunState.PROCESSED
    if rows.newest and is_last_claimed(rows.newest, key.sk):
        last_activity = _last_claim(rows.newest)
    elif rows.run:
        last_activity = max(_last_claim(rows.run), rows.run.get("settled_at", 0))
    else:
        return RunState.MISSING
    return RunState.STUCK if now - last_activity > stuck_after_ms else RunState.OPEN


def is_completed(row: RunRow) -> bool:
    """Return whether the decision in a run's row is final."""
    return row["status"] == COMPLETED


def is_leased(row: LeaseRow, now: int) -> bool:
    """Return whether a worker holds the lease of a row."""
    return row["in_progress_expiration"] > now


def is_settled(row: LeaseRow) -> bool:
    """Return whether the last attempt was settled; if it was not and the lease has ended, the worker crashed."""
    return row["in_progress_expiration"] == 0


def is_last_claimed(newest: NewestRow, sk: str) -> bool:
    """Return whether a run is the newest one of its subject that was claimed."""
    return newest.get("newest_claimed_run") == sk


def is_last_processed(newest: NewestRow, sk: str) -> bool:
    """Return whether a run is the newest one of its subject that was processed."""
    return newest.get("newest_processed_run") == sk


def _last_claim(row: LeaseRow) -> int:
    """Return the time of the last claim, or the end of its lease if that is later."""
    return max(row.get("in_progress_expiration", 0), row.get("claimed_at", 0))
