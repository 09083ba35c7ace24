"""Runs the handler for each claimed record."""

from collections.abc import Sequence
from typing import Final

from functions.runtime.batch.attempt import attempt
from functions.runtime.batch.invocation import LEAST_MS, SETTLE_MS, Invocation
from functions.runtime.batch.job import Job, State, in_state
from functions.runtime.ledger.decisions import Decision, Outcome

RELEASED: Final = Outcome(
    decision=Decision.RETRYING, reason="not started: the invocation had no time left", released=True
)


def handle(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Run the handler for each claimed job, within its share of the time that is left.

    A job without time left is released: it costs no attempt.
    """
    claimed = in_state(jobs, State.CLAIMED)
    for place, job in enumerate(claimed):
        left_ms = invocation.remaining_ms() - SETTLE_MS
        if left_ms < LEAST_MS:
            job.end(RELEASED)
            continue
        seconds = left_ms / (len(claimed) - place) / 1_000
        job.end(attempt(invocation.handle, job.record, job.claim, invocation.context, seconds))
