"""A batch on its way: claim what may run, handle it run by run, let its events leave and settle it together.

What is not decided stays in the queue: Lambda is told its message id, and nothing of it is lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.batch import retry, wake_queue
from functions.runtime.batch.attempt import Handler, attempt, unsent
from functions.runtime.batch.decision_log import DecisionLog
from functions.runtime.batch.fairness import turns
from functions.runtime.batch.record import Delivery, Record, with_body
from functions.runtime.core import clock, telemetry
from functions.runtime.core.replies import Replies
from functions.runtime.core.settings import queue_settings
from functions.runtime.core.time_limit import time_limit
from functions.runtime.ledger.claims import ClaimResult, ClaimStatus
from functions.runtime.ledger.decisions import DEAD_LETTERED, Decision, Outcome
from functions.runtime.ledger.ledger import ledger
from functions.runtime.ledger.rows import NO_NEWEST
from functions.runtime.ledger.run_state import is_completed
from functions.runtime.run.memory import read_limit_bytes
from functions.runtime.run.put_events import put_events

# What settling a batch may take; handlers are interrupted so long before the invocation ends.
SETTLE_MS: Final = 2_000
EMIT_MS: Final = 1_000  # of which so much may pass until its events have left
LEAST_MS: Final = 100  # with less time than this a run is not begun
LEFT_SECONDS: Final = 1  # how long a message waits that did not fit into memory beside its neighbours
PATIENCE_MS: Final = 60_000  # how long at most a message waits for a ledger that does not answer

DUPLICATE: Final = Outcome(decision=Decision.DUPLICATE, reason="decided before")
CANCELLED: Final = Outcome(
    decision=Decision.STALE, reason="the wake is cancelled: a newer event of the subject was processed"
)
REPLACED: Final = Outcome(
    decision=Decision.STALE, reason="the wake is cancelled: the attempt that asked for it was not processed"
)
STALE: Final = Outcome(decision=Decision.STALE, reason="a newer event of the subject was processed before")
CHANGED: Final = Outcome(decision=Decision.REJECTED, reason="same id, other content", error="ChangedPayload")
UNWRITTEN: Final = Outcome(decision=Decision.PROCESSED, reason="processed; its worker ended before it wrote more down")
RELEASED: Final = Outcome(
    decision=Decision.RETRYING, reason="not begun: the invocation's time was spent", released=True
)


@dataclass
class Job:
    """A delivery, what the ledger ruled on it, and how it ended."""

    delivery: Delivery
    result: ClaimResult
    outcome: Outcome | None = None


@dataclass
class Batch:
    """One invocation's records, and what becomes of them; `undone` are the ids of messages that stay in the queue."""

    handle: Handler
    context: LambdaContext
    undone: set[str] = field(default_factory=set)
    decision_log: DecisionLog = field(default_factory=DecisionLog)
    _delays: dict[str, int] = field(default_factory=dict)

    def run(self, records: Sequence[Record]) -> None:
        """Take records through their runs.

        Runs whose worker died are taken over last and one by one, each settled before the next begins: one that kills
        its worker again takes no neighbour along.
        """
        parsed = [Delivery.of(each, self.context.aws_request_id) for each in self._whole(records)]
        deliveries = self._in_turn(self._due(parsed))
        started = clock.now_ms()
        for lapsed in self._rounds(deliveries):
            self._rounds([lapsed], alone=True)
        if queue_settings().fair and len(deliveries) == len(records):
            turns().took(len(deliveries), clock.now_ms() - started)
        self._guarded(lambda: retry.put_back(self._delays), "not put back: SQS delivers again by itself")

    def _whole(self, records: Sequence[Record]) -> list[Record]:
        """Return records with their bodies, as many as can be parsed together in the function's memory.

        The others stay in the queue, and so does one whose stored body cannot be read now.
        """
        whole: list[Record] = []
        room = read_limit_bytes()

        def take(record: Record) -> None:
            nonlocal room
            found = with_body(record)
            size = len(found["body"].encode(errors="surrogatepass"))
            if size <= room or not whole:
                room -= size
                whole.append(found)
            else:
                self._delays[str(record["receiptHandle"])] = LEFT_SECONDS
                self.undone.add(str(record["messageId"]))

        for record in records:
            if not self._guarded(partial(take, record), "not handled: its stored body could not be read"):
                self.undone.add(str(record["messageId"]))
        return whole

    def _due(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """Return all but the wakes that came before they are due, which are sent again; unsent, they stay."""
        early = [(delivery, wake) for delivery in deliveries if (wake := wake_queue.early(delivery))]
        codes = self._sent(partial(wake_queue.send, [wake for _, wake in early]), len(early), "not sent again")
        for (delivery, _), code in zip(early, codes, strict=True):
            if code:
                telemetry.logger().warning("wake not sent again", reason=code, **delivery.log_keys)
                self.undone.add(delivery.message_id)
        sent = {delivery.message_id for delivery, _ in early}
        return [delivery for delivery in deliveries if delivery.message_id not in sent]

    def _in_turn(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """Return whose turn it is; where the function is fair, a loud subject's messages wait for the others'."""
        waiting = turns().waits(deliveries) if queue_settings().fair else []
        for delivery, seconds in waiting:
            self._leave(delivery, seconds)
        if waiting:
            self.decision_log.record_waiting(waiting)
        return [delivery for delivery in deliveries if delivery.message_id not in self.undone]

    def _rounds(self, waiting: Sequence[Delivery], *, alone: bool = False) -> list[Delivery]:
        """Claim, handle, settle, and again for what had to wait for another of the batch; return the lapsed."""
        lapsed: list[Delivery] = []
        while waiting:
            jobs = self._claim(waiting, alone=alone)
            self._handle([job for job in jobs if job.result.claim])
            self._emit([job for job in jobs if job.outcome and job.outcome.put_events_entries])
            self._send_wakes([job for job in jobs if job.outcome and job.outcome.wake])
            for job in jobs:
                self._pass_by(job)
            self._turn_away([job for job in jobs if job.result.status is ClaimStatus.ID_REUSED])
            self._settle([job for job in jobs if job.outcome])
            lapsed += [job.delivery for job in jobs if job.result.status is ClaimStatus.LEASE_EXPIRED]
            waiting = self._twins(jobs)
        return lapsed

    def _claim(self, deliveries: Sequence[Delivery], *, alone: bool) -> list[Job]:
        """Ask the ledger; where it does not answer, nothing is claimed and nothing runs."""
        requests = [delivery.request.taken_over(alone=alone) for delivery in deliveries]
        results = [ClaimResult(request=request, status=ClaimStatus.UNKNOWN) for request in requests]

        def claim() -> None:
            results[:] = ledger().claim(requests, self.context.get_remaining_time_in_millis())

        self._guarded(claim, "undecided: the ledger did not answer")
        return [Job(delivery, result) for delivery, result in zip(deliveries, results, strict=True)]

    def _handle(self, jobs: Sequence[Job]) -> None:
        """Run handlers, each within its share of the time that is left; what has no time left is released."""
        for place, job in enumerate(jobs):
            left = self.context.get_remaining_time_in_millis() - SETTLE_MS
            share, claim = left / (len(jobs) - place) / 1_000, job.result.claim
            begun = claim and left >= LEAST_MS
            job.outcome = (
                attempt(self.handle, job.delivery, claim, self.context, share) if claim and begun else RELEASED
            )

    def _emit(self, jobs: Sequence[Job]) -> None:
        """Let the events of all runs leave together; a run of which one does not is tried again."""
        entries = [(job, entry) for job in jobs if job.outcome for entry in job.outcome.put_events_entries]

        def put(codes: list[str]) -> None:
            replies = Replies(len(codes), codes[0])
            try:
                put_events([entry for _, entry in entries], replies)
            finally:
                codes[:] = replies

        codes = self._sent(put, len(entries), "not emitted: the runs are tried again")
        for (job, _), code in zip(entries, codes, strict=True):
            if code and job.outcome and job.result.claim:
                job.outcome = unsent(job.outcome, job.result.claim, f"the bus refused its events: {code}")

    def _send_wakes(self, jobs: Sequence[Job]) -> None:
        """Send the wakes that runs asked for; a run whose wake SQS does not take is tried again."""
        asked = [job.outcome.wake for job in jobs if job.outcome and job.outcome.wake]
        codes = self._sent(partial(wake_queue.send, asked), len(asked), "wakes not sent: the runs are tried again")
        for job, code in zip(jobs, codes, strict=True):
            if code and job.outcome and job.result.claim:
                job.outcome = unsent(job.outcome, job.result.claim, f"SQS did not take its wake: {code}")

    def _sent(self, send: Callable[[list[str]], None], number: int, failure: str) -> list[str]:
        """Send that many things in time to settle after it; return for each "", or why it did not leave."""
        codes = ["it did not answer"] * number
        seconds = (self.context.get_remaining_time_in_millis() - SETTLE_MS + EMIT_MS) / 1_000

        def limited() -> None:
            with time_limit(max(seconds, LEAST_MS / 1_000)):
                send(codes)

        if number:
            self._guarded(limited, failure)
        return codes

    def _pass_by(self, job: Job) -> None:
        """Deal with what does not run: leave what others hold, acknowledge copies."""
        delivery, run = job.delivery, job.result.rows.run
        match job.result.status:
            case ClaimStatus.BUSY:
                self._leave(delivery, retry.busy_seconds(delivery.receives, job.result.lease_end))
            case ClaimStatus.UNKNOWN:
                self._leave(delivery, retry.busy_seconds(delivery.receives, clock.now_ms() + PATIENCE_MS))
            case ClaimStatus.STALE if job.result.request.wake:
                newest = (job.result.rows.newest or NO_NEWEST)["newest_processed"]
                job.outcome = CANCELLED if newest > (job.result.request.sort_key or "") else REPLACED
            case ClaimStatus.STALE:
                job.outcome = STALE
            case ClaimStatus.DUPLICATE if ledger().ordered and not (run and is_completed(run)):
                job.outcome = UNWRITTEN
            case ClaimStatus.DUPLICATE:
                self.decision_log.record(delivery, DUPLICATE, 0)

    def _turn_away(self, jobs: Sequence[Job]) -> None:
        """Bury what pretends to be a copy."""
        unburied = self._bury([(job, CHANGED) for job in jobs])
        for delivery in (job.delivery for job in jobs if job.delivery.message_id not in unburied):
            self.decision_log.record(delivery, CHANGED, 0)

    def _settle(self, jobs: Sequence[Job]) -> None:
        """Bury, write down, put back, in that order: a worker that dies in between has lost nothing."""
        ended = [(job, job.outcome) for job in jobs if job.outcome]
        unburied = self._bury([(job, outcome) for job, outcome in ended if outcome.decision in DEAD_LETTERED])
        kept = [(job, outcome) for job, outcome in ended if job.delivery.message_id not in unburied]
        faults = ["the ledger did not answer"] * len(kept)

        def settle() -> None:
            faults[:] = ledger().settle([(job.result, outcome) for job, outcome in kept])

        self._guarded(settle, "not settled: what is open is taken over when its lease ends")
        for (job, outcome), fault in zip(kept, faults, strict=True):
            self._end(job, outcome, fault)

    def _end(self, job: Job, outcome: Outcome, fault: str) -> None:
        delivery, attempts = job.delivery, job.result.claim.attempt if job.result.claim else 0
        if fault:
            telemetry.logger().warning("not settled", reason=fault, **delivery.log_keys)
            self.undone.add(delivery.message_id)
            return
        self.decision_log.record(delivery, outcome, attempts)
        if outcome.decision is Decision.RETRYING:
            self._leave(delivery, 0 if outcome.released else retry.backoff_seconds(attempts))

    def _twins(self, jobs: Sequence[Job]) -> list[Delivery]:
        """Return who waited for another of this batch and may go on; while that one is open, they wait in the queue."""
        slot = ledger().slot
        open_ = {slot(job.result.request) for job in jobs if job.delivery.message_id in self.undone}
        twins = [job.delivery for job in jobs if job.result.status is ClaimStatus.SAME_BATCH]
        for delivery in twins:
            if slot(delivery.request) in open_:
                self._leave(delivery, retry.busy_seconds(delivery.receives, clock.now_ms() + PATIENCE_MS))
        return [delivery for delivery in twins if slot(delivery.request) not in open_]

    def _bury(self, ended: Sequence[tuple[Job, Outcome]]) -> set[str]:
        """Send to the dead-letter queue; return the ids of what SQS did not say it took, which stays in the queue."""
        letters: dict[int, tuple[str, retry.DeadLetter]] = {}

        def fit(place: int, job: Job, how: Outcome) -> None:
            letter = retry.letter(job.delivery, job.result, how)
            letters[place] = retry.fit(str(job.delivery.record["body"]), letter)

        for place, (job, how) in enumerate(ended):
            self._guarded(partial(fit, place, job, how), "not buried: its body could not be stored")
        codes = ["SQS did not answer"] * len(ended)
        for entries in retry.entries_by_call(letters):
            self._guarded(partial(retry.bury, entries, codes), "not buried")
        unburied = set()
        for (job, _), code in zip(ended, codes, strict=True):
            if code != retry.TAKEN:
                telemetry.logger().warning("not buried", reason=code, **job.delivery.log_keys)
                unburied.add(job.delivery.message_id)
        self.undone |= unburied
        return unburied

    def _leave(self, delivery: Delivery, seconds: int) -> None:
        self.undone.add(delivery.message_id)
        self._delays[delivery.handle] = seconds

    @staticmethod
    def _guarded(action: Callable[[], None], failure: str) -> bool:
        """Return whether an action of the platform succeeded; its error is logged, and the messages stay."""
        try:
            action()
        except Exception:  # noqa: BLE001 - whatever fails, no message may be lost by it
            telemetry.logger().exception(failure)
            return False
        return True
