"""Settles the runs of a batch, in one request to the ledger."""

from collections.abc import Sequence

from functions.runtime.batch import retry
from functions.runtime.batch.invocation import NO_RESPONSE, Invocation, guarded
from functions.runtime.batch.job import Job, State, in_state
from functions.runtime.core import telemetry
from functions.runtime.core.replies import SUCCEEDED, Replies
from functions.runtime.ledger.decisions import Decision


def settle(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Settle jobs that have an outcome; a job that is not settled stays in the queue until its lease ends."""
    ended = in_state(jobs, State.ENDED)
    replies = Replies(len(ended), NO_RESPONSE)

    def write() -> None:
        nonlocal replies
        replies = invocation.ledger.settle([(job.result, job.outcome) for job in ended])

    guarded(write, "not settled: open runs are taken over when their leases end")
    for job, reply in zip(ended, replies, strict=True):
        if reply == SUCCEEDED:
            _acknowledge(job, invocation)
        else:
            telemetry.logger().warning("not settled", reason=reply, **job.record.log_keys)
            job.leave_in_queue()


def _acknowledge(job: Job, invocation: Invocation) -> None:
    """Log the decision; a retried message stays in the queue for its backoff."""
    outcome = job.outcome
    invocation.decision_log.record(job.record, outcome, job.attempts)
    if outcome.decision is Decision.RETRYING:
        job.leave_in_queue(0 if outcome.released else retry.backoff_seconds(job.attempts))
    else:
        job.state = State.DONE
