"""The state table of a run: what the ledger's rows say, and what is done then. Nothing here reads or writes anything.

A run has one row. Where a function asks for `order = "newest"`, each subject has one more, `latest`, whose lease lets
one run at a time work on the subject, and which remembers the newest event that was processed.
"""

from collections.abc import Mapping
from typing import Any

from functions.runtime.ledger.claims import BURIED, Request, Rows, Ruling


def rule(request: Request, row: Mapping[str, Any] | None, now: int) -> Ruling:
    """Read the row of a run and say what is done; `now` in ms since the epoch."""
    if row is None:
        return Ruling.CLAIM
    if row["payload"] != request.payload:
        return Ruling.CHANGED
    if row["status"] == "COMPLETED":
        return Ruling.CLAIM if _reopened(request, row) else Ruling.DUPLICATE
    if row["holder"] == request.holder:
        return Ruling.OURS
    if row["in_progress_expiration"] > now:
        return Ruling.BUSY
    retrying = row["in_progress_expiration"] == 0
    return Ruling.CLAIM if retrying or request.alone else Ruling.LAPSED


def rule_in_order(request: Request, rows: Rows, now: int) -> Ruling:
    """Read the row of a run and the latest of its subject, and say what is done where the newest wins."""
    if rows.run:
        if rows.run["payload"] != request.payload:
            return Ruling.CHANGED
        if rows.run["status"] == "COMPLETED" and not _reopened(request, rows.run):
            return Ruling.DUPLICATE
    latest = rows.latest
    if request.wake:
        return _rule_wake(request, latest, now)
    if latest is None:
        return Ruling.CLAIM
    rank = request.rank or ""
    if rank <= latest["done"]:
        return Ruling.DUPLICATE if latest.get("done_run") == request.key.sk else Ruling.STALE
    return _rule_in_turn(request, latest, now)


def _rule_wake(request: Request, latest: Mapping[str, Any] | None, now: int) -> Ruling:
    """Rule on a wake: it runs while the last processed run of the subject is the one that asked for it.

    Settling that run writes the wake down; a newer one that is processed writes its own, or none.
    """
    if latest is None:
        return Ruling.STALE
    if latest.get("woken") == request.key.sk:
        return Ruling.DUPLICATE
    if latest.get("wake") == request.wake:
        return _rule_in_turn(request, latest, now)
    unsettled = latest["holder"] == request.asked_by and latest["in_progress_expiration"] and now < latest["reserved"]
    return Ruling.BUSY if unsettled else Ruling.STALE


def _rule_in_turn(request: Request, latest: Mapping[str, Any], now: int) -> Ruling:
    """Let one run at a time work on the subject."""
    if latest["in_progress_expiration"] > now:
        return Ruling.OURS if latest["holder"] == request.holder else Ruling.BUSY
    return _rule_free(request, latest, now)


def _rule_free(request: Request, latest: Mapping[str, Any], now: int) -> Ruling:
    """Nobody works on the subject: a newer event that is to be tried again still goes first."""
    if (request.rank or "") < latest["claimed"] and now < latest["reserved"]:
        return Ruling.BUSY
    if latest["run"] == request.key.sk:
        if latest["payload"] != request.payload:
            return Ruling.CHANGED
        if latest["in_progress_expiration"] and not request.alone:
            return Ruling.LAPSED
    return Ruling.CLAIM


def counters(request: Request, rows: Rows, now: int) -> dict[str, int]:
    """Return the attempt, the generation and the time of the first claim that a claim of these rows begins with."""
    run, latest = rows.run or {}, rows.latest or {}
    first_at = int(run.get("first_at", now))
    generation = int(run["generation"]) + (run["status"] == "COMPLETED") if run else request.next_generation
    attempts = [int(run["attempt"])] if run and run["status"] == "INPROGRESS" else []
    if (latest.get("run"), latest.get("generation")) == (request.key.sk, generation):
        attempts.append(int(latest["attempt"]))
        first_at = int(latest["first_at"])
    return {"attempt": max(attempts, default=0) + 1, "generation": generation, "first_at": first_at}


def _reopened(request: Request, row: Mapping[str, Any]) -> bool:
    """Judge whether a dead letter reopens its run: only the one that was buried last does, and only once."""
    return row["decision"] in BURIED and request.generation == row["generation"]
