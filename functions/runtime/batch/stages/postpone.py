"""Postpones messages that are not handled now: wakes that are not due, and messages of a loud subject."""

from collections.abc import Sequence
from functools import partial

from functions.runtime.batch import wake_queue
from functions.runtime.batch.fairness import fairness
from functions.runtime.batch.invocation import Invocation
from functions.runtime.batch.job import Job, State, in_state
from functions.runtime.core import telemetry
from functions.runtime.core.replies import SUCCEEDED
from functions.runtime.core.settings import queue_settings


def resend_early_wakes(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Send wakes again that were received before they are due; a wake that SQS does not accept stays in the queue."""
    early = [(job, wake) for job in in_state(jobs, State.PARSED) if (wake := wake_queue.early(job.record))]
    send = partial(wake_queue.send, [wake for _, wake in early])
    replies = invocation.send(len(early), send, "early wakes not sent again")
    for (job, _), reply in zip(early, replies, strict=True):
        if reply == SUCCEEDED:
            job.state = State.DONE
        else:
            telemetry.logger().warning("early wake not sent again", reason=reply, **job.record.log_keys)
            job.leave_in_queue()


def delay_loud_subject(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Leave messages of a loud subject in the queue for a while, where the function declares fair = true."""
    if not queue_settings().fair:
        return
    delays = fairness().delays([job.record for job in in_state(jobs, State.PARSED)])
    delayed = [job for job in in_state(jobs, State.PARSED) if job.message_id in delays]
    for job in delayed:
        job.leave_in_queue(delays[job.message_id])
    if delayed:
        invocation.decision_log.record_delayed(delayed[0].record, delays.values())
