"""The state of one record while its batch is processed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from functions.runtime.batch.record import Record, SqsRecord
from functions.runtime.ledger.claims import Claim, ClaimResult
from functions.runtime.ledger.decisions import Outcome


class State(Enum):
    """How far a record has come."""

    RECEIVED = auto()  # not parsed
    PARSED = auto()  # to be claimed
    CLAIMED = auto()  # to be handled
    NOT_CLAIMED = auto()  # the status of its claim result says why
    LEASE_EXPIRED = auto()  # to be claimed after all others, and alone
    ENDED = auto()  # has an outcome, to be settled
    DONE = auto()  # decided: Lambda deletes the message
    IN_QUEUE = auto()  # Lambda reports the message as failed, so SQS delivers it again


@dataclass(slots=True, eq=False, repr=False)
class Job:
    """A record, its state, and the result of each stage that it has passed.

    A field without a default is set by a stage: `record` by parse, `result` and `claim` by claim, `outcome` by the
    stage that ends the job. `hide_seconds` is how long SQS hides a message that stays in the queue; None keeps the
    visibility timeout.
    """

    sqs_record: SqsRecord
    state: State = State.RECEIVED
    record: Record = field(init=False)
    result: ClaimResult = field(init=False)
    claim: Claim = field(init=False)
    outcome: Outcome = field(init=False)
    hide_seconds: int | None = None

    @property
    def message_id(self) -> str:
        """The id of the message."""
        return str(self.sqs_record["messageId"])

    @property
    def receipt_handle(self) -> str:
        """The receipt handle of this delivery of the message."""
        return str(self.sqs_record["receiptHandle"])

    @property
    def attempts(self) -> int:
        """How many attempts the run has had, 0 without a claim."""
        return self.result.claim.attempt if self.result.claim else 0

    def end(self, outcome: Outcome) -> None:
        """Give the job an outcome that is to be settled."""
        self.outcome, self.state = outcome, State.ENDED

    def leave_in_queue(self, seconds: int | None = None) -> None:
        """Leave the message in the queue, hidden for that many seconds."""
        self.hide_seconds, self.state = seconds, State.IN_QUEUE


def in_state(jobs: Iterable[Job], state: State) -> list[Job]:
    """Return the jobs that are in a state."""
    return [job for job in jobs if job.state is state]
