"""From an SQS batch to a handler and back: parse, claim, handle, settle, for each record by itself."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from typing import Any, Final

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime import retry, telemetry
from functions.runtime.envelope import parse
from functions.runtime.errors import BusyError, EnvelopeError, HeraldError, Transient
from functions.runtime.event import Event
from functions.runtime.ledger import Claim, Decision, Outcome, RunKey, ledger, now_ms
from functions.runtime.run import Run
from functions.runtime.settings import settings

EFFECTS_KEPT: Final = 50  # a row holds 400 KB, and a subject may have 1

type Handler = Callable[[Event, Run], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One SQS record: the event in it or what is wrong with it, and the key its run is known by."""

    record: SQSRecord
    key: RunKey
    event: Event | None = None
    fault: EnvelopeError | None = None

    @classmethod
    def of(cls, record: SQSRecord) -> "Delivery":
        """Parse a record; one that cannot be parsed is known by its message id, for it has nothing better."""
        function = settings().function
        try:
            event = parse(record.body)
        except EnvelopeError as fault:
            key = RunKey(subject=f"queue/{function}", function=function, identity=record.message_id)
            return cls(record=record, key=key, fault=fault)
        return cls(record=record, key=RunKey.of(event, function), event=event)


def entrypoint(handle: Handler) -> Callable[[dict[str, Any], LambdaContext], PartialItemFailureResponse]:
    """Make `handle(event, run)` the Lambda handler of a function whose events come in SQS batches."""

    @wraps(handle)
    def on_batch(batch: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        def deliver(record: SQSRecord) -> None:
            delivery = Delivery.of(record)
            try:
                _deliver(handle, delivery, context)
            except (BusyError, Transient):
                raise
            except Exception:
                telemetry.logger().exception("undecided: the message goes back to the queue", **_log_keys(delivery))
                raise

        try:
            return process_partial_response(
                event=batch,
                record_handler=deliver,
                processor=BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False),
            )
        finally:
            telemetry.flush_metrics()

    return on_batch


def _deliver(handle: Handler, delivery: Delivery, context: LambdaContext) -> None:
    """Take one record through its run; returning acknowledges its message, raising leaves it in the queue."""
    claim = _claim(delivery, context)
    if claim is None:
        _tell(delivery, Outcome(decision=Decision.DUPLICATE, reason="decided before"), attempt=0)
        return
    outcome = _handle(handle, delivery, claim, context)
    _settle(delivery, claim, outcome)


def _claim(delivery: Delivery, context: LambdaContext) -> Claim | None:
    """Claim the run for as long as this invocation can last; a run that another holds goes back to the queue."""
    try:
        return ledger().claim(
            delivery.key,
            facts=delivery.event.facts if delivery.event else {},
            holder=f"{context.aws_request_id}/{delivery.record.message_id}",
            lease_ms=context.get_remaining_time_in_millis(),
            generation=retry.generation(delivery.record.raw_event.get("messageAttributes", {})),
        )
    except BusyError as busy:
        receives = int(delivery.record.attributes.approximate_receive_count)
        retry.put_back(delivery.record.receipt_handle, retry.busy_seconds(receives, busy.lease_end))
        raise


def _handle(handle: Handler, delivery: Delivery, claim: Claim, context: LambdaContext) -> Outcome:
    """Run the handler and let its effects leave; whatever it raises becomes an outcome."""
    started = now_ms()
    if delivery.event is None:
        fault = delivery.fault
        return Outcome(decision=Decision.REJECTED, reason=str(fault), error=type(fault).__name__)
    if claim.attempt > settings().max_attempts:
        return Outcome(decision=Decision.DEAD, reason="the worker ended without a word on every attempt")
    log = telemetry.logger()
    run = Run(delivery.event, delivery.key, log)
    decision, reason, error = Decision.PROCESSED, "the handler returned", None
    try:
        with (
            log.append_context_keys(**_log_keys(delivery), attempt=claim.attempt),
            telemetry.span(delivery.event),
        ):
            handle(delivery.event, run)
            run.flush(context)
    except Exception as caught:
        if not isinstance(caught, HeraldError):
            log.exception("the handler failed", **_log_keys(delivery))
        decision = retry.decide(caught, claim.attempt)
        reason, error = retry.describe(caught), type(caught).__name__
    return Outcome(
        decision=decision,
        reason=reason,
        error=error,
        correlation_id=run.lineage.correlation_id,
        cause=asdict(run.lineage.cause) if run.lineage.cause else None,
        effects=run.caused[:EFFECTS_KEPT],
        effects_omitted=max(0, len(run.caused) - EFFECTS_KEPT),
        duration_ms=now_ms() - started,
    )


def _settle(delivery: Delivery, claim: Claim, outcome: Outcome) -> None:
    """Bury what is beyond help, write the outcome down, and put back what is to be tried again, in that order."""
    if outcome.decision in {Decision.REJECTED, Decision.DEAD}:
        retry.bury(delivery.record.body, claim, outcome)
    ledger().settle(claim, outcome)
    _tell(delivery, outcome, claim.attempt)
    if outcome.decision is Decision.RETRYING:
        retry.put_back(delivery.record.receipt_handle, retry.backoff_seconds(claim.attempt))
        raise Transient(outcome.reason)


def _tell(delivery: Delivery, outcome: Outcome, attempt: int) -> None:
    """Write the one log line of an attempt and count its decision."""
    lag_ms = delivery.event.lag_ms(now_ms()) if delivery.event else None
    keys = _log_keys(delivery) | {
        "correlation_id": outcome.correlation_id,
        "causation_id": outcome.cause["event_id"] if outcome.cause else None,
        "decision": outcome.decision,
        "decision_reason": outcome.reason,
        "attempt": attempt,
        "lag_ms": lag_ms,
        "duration_ms": outcome.duration_ms,
    }
    write = telemetry.logger().warning if outcome.error else telemetry.logger().info
    write(f"{delivery.key.function} {outcome.decision}", **keys)
    telemetry.count(outcome.decision, lag_ms)


def _log_keys(delivery: Delivery) -> dict[str, Any]:
    """Return what every log line of a run carries, whoever writes it."""
    keys = {
        "function": delivery.key.function,
        "subject": delivery.key.subject,
        "message_id": delivery.record.message_id,
    }
    if delivery.event is None:
        return keys
    lineage = delivery.event.lineage
    return keys | {
        "event_id": delivery.event.id,
        "event_type": delivery.event.type,
        "correlation_id": lineage.correlation_id,
        "causation_id": lineage.cause.event_id if lineage.cause else None,
    }
