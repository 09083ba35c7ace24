"""The state table of a run: what the ledger's rows say, and what is done then. Nothing here reads or writes anything.

A run has one row. Where a function asks for `order = "newest"`, each subject has one more, `newest`, whose lease lets
one run at a time work on the subject, and which remembers the newest event that was processed.
"""

from collections.abc import Mapping
from typing import Any

from functions.runtime.ledger.claims import DEAD_LETTERED, ClaimRequest, ClaimStatus, Rows


def rule(request: ClaimRequest, row: Mapping[str, Any] | None, now: int) -> ClaimStatus:
    """Read the row of a run and say what is done; `now` in ms since the epoch."""
    if row is None:
        return ClaimStatus.CLAIM
    if row["payload_digest"] != request.payload_digest:
        return ClaimStatus.ID_REUSED
    if row["status"] == "COMPLETED":
        return ClaimStatus.CLAIM if _reopened(request, row) else ClaimStatus.DUPLICATE
    if row["holder"] == request.holder:
        return ClaimStatus.ALREADY_OURS
    if row["in_progress_expiration"] > now:
        return ClaimStatus.BUSY
    retrying = row["in_progress_expiration"] == 0
    return ClaimStatus.CLAIM if retrying or request.alone else ClaimStatus.LEASE_EXPIRED


def rule_in_order(request: ClaimRequest, rows: Rows, now: int) -> ClaimStatus:
    """Read the row of a run and the newest of its subject, and say what is done where the newest wins."""
    if rows.run:
        if rows.run["payload_digest"] != request.payload_digest:
            return ClaimStatus.ID_REUSED
        if rows.run["status"] == "COMPLETED" and not _reopened(request, rows.run):
            return ClaimStatus.DUPLICATE
    newest = rows.newest
    if request.wake:
        return _rule_wake(request, newest, now)
    if newest is None:
        return ClaimStatus.CLAIM
    sort_key = request.sort_key or ""
    if sort_key <= newest["newest_processed"]:
        return ClaimStatus.DUPLICATE if newest.get("newest_processed_run") == request.key.sk else ClaimStatus.STALE
    return _rule_in_turn(request, newest, now)


def _rule_wake(request: ClaimRequest, newest: Mapping[str, Any] | None, now: int) -> ClaimStatus:
    """Rule on a wake: it runs while the last processed run of the subject is the one that asked for it.

    Settling that run writes the wake down; a newer one that is processed writes its own, or none.
    """
    if newest is None:
        return ClaimStatus.STALE
    if newest.get("woken") == request.key.sk:
        return ClaimStatus.DUPLICATE
    if newest.get("wake") == request.wake:
        return _rule_in_turn(request, newest, now)
    unsettled = newest["holder"] == request.asked_by and newest["in_progress_expiration"] and now < newest["reserved"]
    return ClaimStatus.BUSY if unsettled else ClaimStatus.STALE


def _rule_in_turn(request: ClaimRequest, newest: Mapping[str, Any], now: int) -> ClaimStatus:
    """Let one run at a time work on the subject."""
    if newest["in_progress_expiration"] > now:
        return ClaimStatus.ALREADY_OURS if newest["holder"] == request.holder else ClaimStatus.BUSY
    return _rule_free(request, newest, now)


def _rule_free(request: ClaimRequest, newest: Mapping[str, Any], now: int) -> ClaimStatus:
    """Nobody works on the subject: a newer event that is to be tried again still goes first."""
    if (request.sort_key or "") < newest["newest_claimed"] and now < newest["reserved"]:
        return ClaimStatus.BUSY
    if newest["newest_claimed_run"] == request.key.sk:
        if newest["payload_digest"] != request.payload_digest:
            return ClaimStatus.ID_REUSED
        if newest["in_progress_expiration"] and not request.alone:
            return ClaimStatus.LEASE_EXPIRED
    return ClaimStatus.CLAIM


def counters(request: ClaimRequest, rows: Rows, now: int) -> dict[str, int]:
    """Return the attempt, the generation and the time of the first claim that a claim of these rows begins with."""
    run, newest = rows.run or {}, rows.newest or {}
    first_at = int(run.get("first_at", now))
    generation = int(run["generation"]) + (run["status"] == "COMPLETED") if run else request.next_generation
    attempts = [int(run["attempt"])] if run and run["status"] == "INPROGRESS" else []
    if (newest.get("newest_claimed_run"), newest.get("generation")) == (request.key.sk, generation):
        attempts.append(int(newest["attempt"]))
        first_at = int(newest["first_at"])
    return {"attempt": max(attempts, default=0) + 1, "generation": generation, "first_at": first_at}


def _reopened(request: ClaimRequest, row: Mapping[str, Any]) -> bool:
    """Judge whether a dead letter reopens its run: only the latest one does, and only once."""
    return row["decision"] in DEAD_LETTERED and request.generation == row["generation"]
