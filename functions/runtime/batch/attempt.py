"""One attempt of a run: the handler, its time, its effects, and the outcome that whatever it raises becomes."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.batch import retry
from functions.runtime.batch.record import Delivery
from functions.runtime.core import clock, telemetry
from functions.runtime.core.errors import HeraldError, Transient
from functions.runtime.core.event import Event
from functions.runtime.core.settings import queue_settings, settings
from functions.runtime.core.time_limit import time_limit
from functions.runtime.ledger.claims import Claim
from functions.runtime.ledger.decisions import Decision, Outcome
from functions.runtime.run import contracts
from functions.runtime.run.run import Run

FOLDER: Final = "it is a folder: its key ends in '/' and it has 0 bytes"
EFFECTS_KEPT: Final = 50  # a row holds 400 KB, and a subject may have 1

type Handler = Callable[[Event, Run], Any]


def attempt(handle: Handler, delivery: Delivery, claim: Claim, context: LambdaContext, seconds: float) -> Outcome:
    """Run the handler for at most `seconds` and let its notices leave; nothing it raises gets out."""
    if delivery.event is None:
        fault = delivery.fault
        return Outcome(decision=Decision.REJECTED, reason=str(fault), error=type(fault).__name__)
    refusal = _refuse(delivery, claim, delivery.event)
    if refusal:
        return refusal

    def work(run: Run) -> None:
        with time_limit(seconds):
            run.lineage.check_depth()
            contracts.accept_in_worker(run.event)
            handle(delivery.event, run)  # type: ignore[arg-type] # as above, it is there
            run.flush(context)

    return _work(work, Run(delivery.event, claim, telemetry.logger()), delivery, claim)


def _refuse(delivery: Delivery, claim: Claim, event: Event) -> Outcome | None:
    """Decide what the handler need not see."""
    known: dict[str, Any] = {"correlation_id": event.lineage.correlation_id, "cause": _cause(event.lineage.cause)}
    if claim.attempt > queue_settings().max_attempts:
        return Outcome(decision=Decision.DEAD, reason="the worker ended without a word on every attempt", **known)
    if _is_folder(event, claim):
        return Outcome(decision=Decision.IGNORED, reason=FOLDER, **known)
    age = event.lag_ms(clock.now_ms())
    if claim.attempt == 1 and delivery.is_late(age):
        old, limit = (age or 0) // 1000, queue_settings().max_age_seconds
        return Outcome(decision=Decision.LATE, reason=f"it is {old:,} s old; the function accepts {limit:,}", **known)
    return None


def _is_folder(event: Event, claim: Claim) -> bool:
    """Return whether an object was written or deleted that only stands for a folder, as the S3 console makes them.

    No pattern can leave these out beside a prefix of the key: one field has one list, in which any condition suffices.
    A deletion tells no size; where it is known that the object was processed before, its deletion is news.
    Sources: "Organizing objects in the Amazon S3 console by using folders", S3 User Guide; "Comparison operators for
    use in event patterns", EventBridge User Guide.
    """
    if event.object is None or event.object.size or not event.object.key.endswith("/"):
        return False
    was_processed = claim.previous is not None or not settings().ordered
    return event.type == "Object Created" or (event.type == "Object Deleted" and not was_processed)


def _work(work: Callable[[Run], None], run: Run, delivery: Delivery, claim: Claim) -> Outcome:
    started = clock.now_ms()
    decision, reason, error = Decision.PROCESSED, "the handler returned", None
    try:
        ids = {"correlation_id": run.event.lineage.correlation_id, "event_id": run.event.id}
        with run.log.append_context_keys(**delivery.log_keys, attempt=claim.attempt), telemetry.span(**ids):
            work(run)
    except Exception as caught:
        if not isinstance(caught, HeraldError):
            run.log.exception("the handler failed", **delivery.log_keys)
        decision = retry.decide(caught, claim.attempt)
        reason, error = retry.describe(caught), type(caught).__name__
    return Outcome(
        decision=decision,
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


def unsent(outcome: Outcome, claim: Claim, fault: str) -> Outcome:
    """Return how an attempt ended whose handler returned, but of whose effects not all left: it is tried again."""
    error = Transient(fault)
    return replace(
        outcome,
        decision=retry.decide(error, claim.attempt),
        reason=retry.describe(error),
        error=type(error).__name__,
        effects=[effect for effect in outcome.effects if effect["kind"] not in {"event", "wake"}],
        put_events_entries=(),
        wake=None,
    )


def _cause(cause: Any) -> dict[str, Any] | None:  # noqa: ANN401 - a Cause, or None
    return asdict(cause) if cause else None
