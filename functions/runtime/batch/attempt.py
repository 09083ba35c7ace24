"""One attempt of a run: the result of the handler, or any error, becomes an outcome.

Events that the handler does not receive are refused here: late ones, folders, and runs without attempts left.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Final, cast

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.batch import reasons, retry
from functions.runtime.batch.record import Record
from functions.runtime.core import clock, telemetry
from functions.runtime.core.errors import HeraldError, Transient
from functions.runtime.core.event import Event
from functions.runtime.core.settings import queue_settings, settings
from functions.runtime.core.time_limit import time_limit
from functions.runtime.ledger.claims import Claim
from functions.runtime.ledger.decisions import Decision, Outcome
from functions.runtime.run import contracts
from functions.runtime.run.run import Run

EFFECTS_KEPT: Final = 50  # the effects of one run, in its row; DynamoDB limits a row to 400 KB

type Handler = Callable[[Event, Run], Any]


def attempt(handle: Handler, record: Record, claim: Claim, context: LambdaContext, seconds: float) -> Outcome:
    """Run the handler for at most `seconds` and send its notices; no error that it raises leaves this function."""
    fault = record.fault
    if fault:
        return Outcome(decision=Decision.REJECTED, reason=reasons.of_error(fault), error=type(fault).__name__)
    event = cast("Event", record.event)  # a record without a fault has an event
    refusal = _refuse(record, claim, event)
    if refusal:
        return refusal

    def work(run: Run) -> None:
        with time_limit(seconds):
            run.lineage.check_depth()
            contracts.accept_in_worker(event)
            handle(event, run)
            run.flush(context)

    return _work(work, Run(event, claim, telemetry.logger()), record, claim)


def _refuse(record: Record, claim: Claim, event: Event) -> Outcome | None:
    """Return the outcome of an event that the handler does not receive, None for any other event."""
    known: dict[str, Any] = {"correlation_id": event.lineage.correlation_id, "cause": _cause(event.lineage.cause)}
    if claim.attempt > queue_settings().max_attempts:
        return Outcome(decision=Decision.DEAD, reason=reasons.CRASHED, **known)
    if _is_folder(event, claim):
        return Outcome(decision=Decision.IGNORED, reason=reasons.FOLDER, **known)
    age = event.lag_ms(clock.now_ms())
    if claim.attempt == 1 and record.is_late(age):
        reason = reasons.late((age or 0) // 1000, queue_settings().max_age_seconds)
        return Outcome(decision=Decision.LATE, reason=reason, **known)
    return None


def _is_folder(event: Event, claim: Claim) -> bool:
    """Return whether the event is about an object that only represents a folder, as the S3 console creates them.

    An event pattern cannot exclude folders and also match a prefix of the key: a field has one list of conditions, and
    an event matches if any of them does. A deletion event has no size; if the object was processed before, or nothing
    is known about it, the handler receives the deletion.
    Sources: "Organizing objects in the Amazon S3 console by using folders", S3 User Guide; "Comparison operators for
    use in event patterns", EventBridge User Guide.
    """
    if event.object is None or event.object.size or not event.object.key.endswith("/"):
        return False
    was_processed = claim.previous is not None or not settings().ordered
    return event.type == "Object Created" or (event.type == "Object Deleted" and not was_processed)


def _work(work: Callable[[Run], None], run: Run, record: Record, claim: Claim) -> Outcome:
    started = clock.now_ms()
    decision, reason, error = Decision.PROCESSED, reasons.RETURNED, None
    ids = {"event_id": run.event.id, "correlation_id": run.lineage.correlation_id}
    with telemetry.log_keys(**record.log_keys, attempt=claim.attempt), telemetry.span(**ids) as span:
        try:
            work(run)
        except Exception as caught:  # noqa: BLE001 - every error of a handler becomes an outcome
            decision = retry.decide(caught, claim.attempt)
            reason, error = reasons.of_error(caught), type(caught).__name__
            span.fail()
            if not isinstance(caught, HeraldError):
                telemetry.log_error("the handler failed", caught)
        # An object that was read has the correlation id of the run that wrote it.
        span.annotate(decision=decision, correlation_id=run.lineage.correlation_id)
    return Outcome(
        decision=decision,
        handled=decision,
        reason=reason,
        error=error,
        correlation_id=run.lineage.correlation_id,
        cause=_cause(run.lineage.cause),
        effects=run.effects[:EFFECTS_KEPT],
        effects_omitted=max(0, len(run.effects) - EFFECTS_KEPT),
        duration_ms=clock.now_ms() - started,
        previous=run.kept_event(),
        state=run.kept_state,
        put_events_entries=run.put_events_entries if decision is Decision.PROCESSED else (),
        wake=run.asked if decision is Decision.PROCESSED else None,
    )


def not_emitted(outcome: Outcome, claim: Claim, reason: str) -> Outcome:
    """Return the outcome of an attempt after its handler returned but AWS did not accept all of its effects."""
    error = Transient(reason)
    return replace(
        outcome,
        decision=retry.decide(error, claim.attempt),
        reason=reasons.of_error(error),
        error=type(error).__name__,
        effects=[effect for effect in outcome.effects if effect["kind"] not in {"event", "wake"}],
        put_events_entries=(),
        wake=None,
    )


def _cause(cause: Any) -> dict[str, Any] | None:  # noqa: ANN401 - a Cause, or None
    return asdict(cause) if cause else None
