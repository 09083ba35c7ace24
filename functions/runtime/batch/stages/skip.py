"""Decides about records that the ledger did not let run."""

from collections.abc import Sequence
from typing import Final

from functions.runtime.batch import retry
from functions.runtime.batch.invocation import Invocation
from functions.runtime.batch.job import Job, State, in_state
from functions.runtime.ledger.claims import ClaimResult, ClaimStatus
from functions.runtime.ledger.decisions import Decision, Outcome
from functions.runtime.ledger.rows import NO_NEWEST
from functions.runtime.ledger.run_state import is_completed

DUPLICATE: Final = Outcome(decision=Decision.DUPLICATE, reason="the event was already decided")
CANCELED: Final = Outcome(
    decision=Decision.STALE, reason="the wake is canceled: a newer event of the subject was processed"
)
REPLACED: Final = Outcome(
    decision=Decision.STALE, reason="the wake is canceled: the attempt that asked for it was not processed"
)
STALE: Final = Outcome(decision=Decision.STALE, reason="a newer event of the subject was already processed")
UNWRITTEN: Final = Outcome(
    decision=Decision.PROCESSED, reason="processed; the worker stopped before it recorded the details"
)


def skip(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Leave runs of other workers in the queue, acknowledge duplicates, and end stale records.

    Other stages decide about reused ids, and about jobs that wait for another job of this batch.
    """
    for job in in_state(jobs, State.NOT_CLAIMED):
        match job.result.status:
            case ClaimStatus.BUSY:
                job.leave_in_queue(retry.busy_seconds(job.record.receives, job.result.lease_end))
            case ClaimStatus.UNKNOWN:
                job.leave_in_queue(retry.undecided_seconds(job.record.receives))
            case ClaimStatus.LEASE_EXPIRED:
                job.state = State.LEASE_EXPIRED
            case ClaimStatus.STALE:
                job.end(_stale(job.result))
            case ClaimStatus.DUPLICATE if invocation.ledger.ordered and _is_unwritten(job.result):
                job.end(UNWRITTEN)
            case ClaimStatus.DUPLICATE:
                invocation.decision_log.record(job.record, DUPLICATE, 0)
                job.state = State.DONE


def _stale(result: ClaimResult) -> Outcome:
    if not result.request.wake:
        return STALE
    newest = (result.rows.newest or NO_NEWEST)["newest_processed"]
    return CANCELED if newest > (result.request.sort_key or "") else REPLACED


def _is_unwritten(result: ClaimResult) -> bool:
    """Return whether only the subject's row says that the run was processed: its own row is missing or open."""
    return result.rows.run is None or not is_completed(result.rows.run)
