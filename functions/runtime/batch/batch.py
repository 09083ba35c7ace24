"""One SQS batch: passes its records through the stages, in order.

A record that is not decided stays in the queue: Lambda reports its message id as failed, and SQS delivers it again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.batch.attempt import Handler
from functions.runtime.batch.decision_log import DecisionLog
from functions.runtime.batch.fairness import fairness
from functions.runtime.batch.invocation import Invocation
from functions.runtime.batch.job import Job, State, in_state
from functions.runtime.batch.record import SqsRecord
from functions.runtime.batch.stages.claim import claim, release_same_batch
from functions.runtime.batch.stages.dead_letter import dead_letter, reject_reused_ids
from functions.runtime.batch.stages.emit import put_events, send_wakes
from functions.runtime.batch.stages.handle import handle
from functions.runtime.batch.stages.parse import parse, read_bodies
from functions.runtime.batch.stages.postpone import delay_loud_subject, resend_early_wakes
from functions.runtime.batch.stages.put_back import put_back
from functions.runtime.batch.stages.settle import settle
from functions.runtime.batch.stages.skip import skip
from functions.runtime.core import clock
from functions.runtime.core.settings import queue_settings
from functions.runtime.ledger.ledger import ledger

type Stage = Callable[[Sequence[Job], Invocation], None]

BEFORE_CLAIM: Final[Sequence[Stage]] = (read_bodies, parse, resend_early_wakes, delay_loud_subject)
ROUND: Final[Sequence[Stage]] = (
    claim,
    handle,
    # Events and wakes leave before their runs are settled: a worker that crashes in between sends them twice, with the
    # same ids, rather than never.
    put_events,
    send_wakes,
    # Another worker's remaining lease is measured after the handlers, shortly before the message is put back.
    skip,
    # Dead letters are sent before their runs are settled, for the same reason as events.
    reject_reused_ids,
    dead_letter,
    settle,
    # A copy of an event in the same batch waits until the event is settled. It is then a duplicate.
    release_same_batch,
)


@dataclass
class Batch:
    """The records of one invocation."""

    handle: Handler
    context: LambdaContext
    decision_log: DecisionLog = field(default_factory=DecisionLog)

    def run(self, sqs_records: Sequence[SqsRecord]) -> set[str]:
        """Process records; return the ids of the messages that stay in the queue."""
        jobs = [Job(each) for each in sqs_records]
        invocation = Invocation(self.handle, self.context, ledger(), self.decision_log)
        for stage in BEFORE_CLAIM:
            stage(jobs, invocation)
        started = clock.now_ms()
        # A batch with postponed messages says nothing about the time that a full batch takes.
        full = len(in_state(jobs, State.PARSED)) == len(jobs)
        _decide(jobs, invocation)
        if full and queue_settings().fair:
            fairness().measure(len(jobs), clock.now_ms() - started)
        put_back(jobs, invocation)
        return {job.message_id for job in jobs if job.state is not State.DONE}


def _decide(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Claim, handle and settle jobs.

    A run with an expired lease is claimed last and alone, and settled before the next: if it crashes its worker again,
    no other record of the batch is affected.
    """
    _process(in_state(jobs, State.PARSED), invocation)
    for job in in_state(jobs, State.LEASE_EXPIRED):
        _process([job], invocation)


def _process(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Pass jobs through the stages, and once more those that waited for another job of this batch."""
    while jobs:
        for stage in ROUND:
            stage(jobs, invocation)
        jobs = in_state(jobs, State.PARSED)
