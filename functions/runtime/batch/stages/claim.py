"""Claims the runs of a batch, in one request to the ledger."""

from collections.abc import Sequence

from functions.runtime.batch import retry
from functions.runtime.batch.invocation import Invocation, guarded
from functions.runtime.batch.job import Job, State, in_state
from functions.runtime.ledger.claims import ClaimRequest, ClaimResult, ClaimStatus


def claim(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Claim runs; while the ledger does not respond, nothing is claimed and nothing runs."""
    requests = [_request(job) for job in jobs]
    results: list[ClaimResult] = []

    def ask() -> None:
        results[:] = invocation.ledger.claim(requests, invocation.remaining_ms())

    if not guarded(ask, "not claimed: the ledger did not respond"):
        results = [ClaimResult(request=request, status=ClaimStatus.UNKNOWN) for request in requests]
    for job, result in zip(jobs, results, strict=True):
        job.result = result
        if result.claim:
            job.claim, job.state = result.claim, State.CLAIMED
        else:
            job.state = State.NOT_CLAIMED


def _request(job: Job) -> ClaimRequest:
    request = job.record.request
    return request.taken_over(alone=True) if job.state is State.LEASE_EXPIRED else request


def release_same_batch(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Let jobs be claimed that waited for another job of this batch; if that one stays in the queue, they do too."""
    waiting = [job for job in in_state(jobs, State.NOT_CLAIMED) if job.result.status is ClaimStatus.SAME_BATCH]
    if not waiting:
        return
    slot = invocation.ledger.slot
    unsettled = {slot(job.record.request) for job in in_state(jobs, State.IN_QUEUE)}
    for job in waiting:
        if slot(job.record.request) in unsettled:
            job.leave_in_queue(retry.undecided_seconds(job.record.receives))
        else:
            job.state = State.PARSED
