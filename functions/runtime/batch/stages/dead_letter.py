"""Sends messages to the dead-letter queue; a message that SQS does not accept there stays in the queue."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from functions.runtime.batch import dead_letters, reasons
from functions.runtime.batch.dead_letters import DeadLetter
from functions.runtime.batch.invocation import NO_RESPONSE, Invocation, guarded
from functions.runtime.batch.job import Job, State, in_state
from functions.runtime.core import telemetry
from functions.runtime.core.replies import SUCCEEDED, Replies
from functions.runtime.ledger.claims import ClaimStatus
from functions.runtime.ledger.decisions import DEAD_LETTERED, Decision, Outcome

ID_REUSED: Final = Outcome(decision=Decision.REJECTED, reason=reasons.ID_REUSED, error="IdReused")


def reject_reused_ids(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Dead-letter records that reuse an id with different content; the row of the first event does not change."""
    reused = [job for job in in_state(jobs, State.NOT_CLAIMED) if job.result.status is ClaimStatus.ID_REUSED]
    for job in reused:
        job.end(ID_REUSED)
    _dead_letter(reused)
    for job in in_state(reused, State.ENDED):
        invocation.decision_log.record(job.record, ID_REUSED, 0)
        job.state = State.DONE


def dead_letter(jobs: Sequence[Job], _invocation: Invocation) -> None:
    """Dead-letter jobs by their decision; those that SQS accepted are settled next."""
    _dead_letter([job for job in in_state(jobs, State.ENDED) if job.outcome.decision in DEAD_LETTERED])


def _dead_letter(jobs: Sequence[Job]) -> None:
    fitted: dict[int, tuple[str, DeadLetter]] = {}
    replies = Replies(len(jobs), NO_RESPONSE)

    def fit(place: int, job: Job) -> None:
        described = DeadLetter.of(job.record, job.result, job.outcome)
        fitted[place] = dead_letters.fit(str(job.sqs_record["body"]), described)

    for place, job in enumerate(jobs):
        if not guarded(partial(fit, place, job), "not dead-lettered: the body could not be stored"):
            replies.record(place, "the body could not be stored")
    for entries in dead_letters.entries_by_call(fitted):
        guarded(partial(dead_letters.send, entries, replies), "not dead-lettered")
    for job, reply in zip(jobs, replies, strict=True):
        if reply != SUCCEEDED:
            telemetry.logger().warning("not dead-lettered", reason=reply, **job.record.log_keys)
            job.leave_in_queue()
