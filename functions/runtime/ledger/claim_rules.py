"""The rules that turn a claim request and the rows of the ledger into a claim status; nothing here reads or writes.

All times are in milliseconds since the epoch.
"""

from functions.runtime.ledger.claims import Claim, ClaimRequest, ClaimResult, ClaimStatus
from functions.runtime.ledger.decisions import DEAD_LETTERED
from functions.runtime.ledger.rows import NO_NEWEST, LeaseRow, NewestRow, Rows, RunRow
from functions.runtime.ledger.run_state import is_completed, is_last_claimed, is_last_processed, is_leased, is_settled


def claim_result(request: ClaimRequest, rows: Rows, now: int, *, ordered: bool) -> ClaimResult:
    """Return the result of one request: its status, its claim if it may run, and when the lease of another run ends."""
    status = ordered_claim_status(request, rows, now) if ordered else claim_status(request, rows.run, now)
    leased: LeaseRow = (rows.newest if ordered else rows.run) or NO_NEWEST
    # A newer event that is retried reserves the subject for longer than its lease.
    lease_end = max(leased["in_progress_expiration"], (rows.newest or NO_NEWEST).get("reserved", 0))
    claim = None
    if status is ClaimStatus.CLAIM:
        claim = new_claim(request, rows, now)
    elif status is ClaimStatus.ALREADY_OURS:
        claim = Claim(
            request=request,
            rows=rows,
            attempt=leased["attempt"],
            generation=leased["generation"],
            first_at=leased["first_at"],
        )
    return ClaimResult(request=request, status=status, rows=rows, claim=claim, lease_end=lease_end)


def claim_status(request: ClaimRequest, row: RunRow | None, now: int) -> ClaimStatus:
    """Return the status of a request to a function without an order, by the row of the run."""
    if row is None:
        return ClaimStatus.CLAIM
    if row["payload_digest"] != request.payload_digest:
        return ClaimStatus.ID_REUSED
    if is_completed(row):
        return ClaimStatus.CLAIM if _reopens(request, row) else ClaimStatus.DUPLICATE
    if row["holder"] == request.holder:
        return ClaimStatus.ALREADY_OURS
    if is_leased(row, now):
        return ClaimStatus.BUSY
    return ClaimStatus.CLAIM if is_settled(row) or request.alone else ClaimStatus.LEASE_EXPIRED


def ordered_claim_status(request: ClaimRequest, rows: Rows, now: int) -> ClaimStatus:
    """Return the status of a request to a function with `order = "newest"`, by the run's row and the newest row."""
    if rows.run:
        if rows.run["payload_digest"] != request.payload_digest:
            return ClaimStatus.ID_REUSED
        if is_completed(rows.run) and not _reopens(request, rows.run):
            return ClaimStatus.DUPLICATE
    newest = rows.newest
    if request.wake:
        return _wake_status(request, newest, now)
    if newest is None:
        return ClaimStatus.CLAIM
    if _sort_key(request) <= newest["newest_processed"]:
        return ClaimStatus.DUPLICATE if is_last_processed(newest, request.key.sk) else ClaimStatus.STALE
    return _lease_status(request, newest, now)


def _wake_status(request: ClaimRequest, newest: NewestRow | None, now: int) -> ClaimStatus:
    """Return the status of a wake: it runs while the run that asked for it is the last processed one of its subject.

    Settling that run writes the id of the wake to the newest row; settling a newer run replaces it.
    """
    if newest is None:
        return ClaimStatus.STALE
    if newest.get("woken") == request.key.sk:
        return ClaimStatus.DUPLICATE
    if newest.get("wake") == request.wake:
        return _lease_status(request, newest, now)
    not_settled = newest["holder"] == request.asked_by and not is_settled(newest) and now < newest["reserved"]
    return ClaimStatus.BUSY if not_settled else ClaimStatus.STALE


def _lease_status(request: ClaimRequest, newest: NewestRow, now: int) -> ClaimStatus:
    """Return the status by the lease of the newest row, which lets one run at a time act on the subject."""
    if is_leased(newest, now):
        return ClaimStatus.ALREADY_OURS if newest["holder"] == request.holder else ClaimStatus.BUSY
    if _sort_key(request) < newest["newest_claimed"] and now < newest["reserved"]:
        return ClaimStatus.BUSY  # a newer event will be retried, and runs before this one
    if is_last_claimed(newest, request.key.sk):
        if newest["payload_digest"] != request.payload_digest:
            return ClaimStatus.ID_REUSED
        if not is_settled(newest) and not request.alone:
            return ClaimStatus.LEASE_EXPIRED
    return ClaimStatus.CLAIM


def new_claim(request: ClaimRequest, rows: Rows, now: int) -> Claim:
    """Return a new claim, with the attempt, the generation and the time of the first claim that follow from the rows.

    The newest row counts too: with an order, a worker that crashed has left no row of the run.
    """
    run, newest, attempts = rows.run, rows.newest, [0]
    first_at, generation = now, request.next_generation
    if run:
        first_at = run.get("first_at", now)
        generation = run["generation"] + is_completed(run)
        attempts += [] if is_completed(run) else [run["attempt"]]
    if newest and is_last_claimed(newest, request.key.sk) and newest["generation"] == generation:
        attempts.append(newest["attempt"])
        first_at = newest["first_at"]
    return Claim(request=request, rows=rows, attempt=max(attempts) + 1, generation=generation, first_at=first_at)


def _sort_key(request: ClaimRequest) -> str:
    return request.sort_key or ""


def _reopens(request: ClaimRequest, row: RunRow) -> bool:
    """Return whether a redriven dead letter reopens its run: only the latest dead letter does, and only once."""
    return row["decision"] in DEAD_LETTERED and request.generation == row["generation"]
