"""Puts messages back: SQS delivers them again after the seconds that the earlier stages chose."""

from collections.abc import Sequence

from functions.runtime.batch import visibility
from functions.runtime.batch.invocation import Invocation, guarded
from functions.runtime.batch.job import Job, State, in_state


def put_back(jobs: Sequence[Job], _invocation: Invocation) -> None:
    """Change the visibility timeout of messages that stay in the queue."""
    delays = {
        job.receipt_handle: job.hide_seconds for job in in_state(jobs, State.IN_QUEUE) if job.hide_seconds is not None
    }
    guarded(lambda: visibility.change(delays), "not put back: SQS delivers the messages after their visibility timeout")
