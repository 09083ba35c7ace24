"""Sends the events and the wakes of the runs that were processed, those of all runs together."""

from collections.abc import Sequence
from functools import partial

from functions.runtime.batch import reasons, wake_queue
from functions.runtime.batch.attempt import not_emitted
from functions.runtime.batch.invocation import Invocation
from functions.runtime.batch.job import Job, State, in_state
from functions.runtime.core.replies import SUCCEEDED
from functions.runtime.run import put_events as bus


def put_events(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Put the events of all runs on the bus; a run is retried if the bus does not accept all of its events."""
    entries = [(job, entry) for job in in_state(jobs, State.ENDED) for entry in job.outcome.put_events_entries]
    put = partial(bus.put_events, [entry for _, entry in entries])
    replies = invocation.send(len(entries), put, "PutEvents failed: the runs are retried")
    for (job, _), reply in zip(entries, replies, strict=True):
        if reply != SUCCEEDED:
            job.end(not_emitted(job.outcome, job.claim, reasons.events_not_accepted(reply)))


def send_wakes(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Send the wakes that runs asked for; a run is retried if SQS does not accept its wake."""
    wakes = [(job, job.outcome.wake) for job in in_state(jobs, State.ENDED) if job.outcome.wake]
    send = partial(wake_queue.send, [wake for _, wake in wakes])
    replies = invocation.send(len(wakes), send, "wakes not sent: the runs are retried")
    for (job, _), reply in zip(wakes, replies, strict=True):
        if reply != SUCCEEDED:
            job.end(not_emitted(job.outcome, job.claim, reasons.wake_not_accepted(reply)))
