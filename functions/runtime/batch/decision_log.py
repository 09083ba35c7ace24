"""Logs, counts and traces the decisions of an invocation: a line for each, but one for repeated dead letters.

Without the summary, a sender of bad messages would fill the log, which costs more than the messages. No information is
lost: each message has its row in the ledger and its reason in the dead-letter queue.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from functions.runtime.batch.record import Record
from functions.runtime.core import clock, telemetry
from functions.runtime.core.settings import settings
from functions.runtime.ledger.decisions import DEAD_LETTERED, Decision, Outcome

METRICS: Final = {
    Decision.PROCESSED: "RunsProcessed",
    Decision.RETRYING: "RunsFailed",
    Decision.DEAD: "RunsFailed",
    Decision.DUPLICATE: "EventsDuplicate",
    Decision.STALE: "EventsStale",
    Decision.LATE: "EventsLate",
    Decision.REJECTED: "EventsRejected",
    Decision.IGNORED: "EventsIgnored",
}

EFFECTS_SHOWN: Final = 10

type Kind = tuple[Decision, str | None]


@dataclass
class DecisionLog:
    """The decisions of one invocation; `repeated` counts, by kind and subject, the dead letters without a line."""

    repeated: dict[Kind, Counter[str]] = field(default_factory=dict)

    def record(self, record: Record, outcome: Outcome, attempt: int) -> None:
        """Write the line of a decision; a dead letter is only counted if one with the same error has a line."""
        lag_ms = record.event.lag_ms(clock.now_ms()) if record.event else None
        _count(outcome, lag_ms)
        _trace(record, outcome)
        kind = (outcome.decision, outcome.error)
        if kind in self.repeated:
            self.repeated[kind][record.request.key.subject] += 1
            return
        if outcome.decision in DEAD_LETTERED:
            self.repeated[kind] = Counter()
        _write(record, outcome, attempt, lag_ms)

    @staticmethod
    def record_delayed(record: Record, delays: Collection[int]) -> None:
        """Write one line for delayed messages of the subject of this record; `delays` has the seconds of each."""
        telemetry.logger().info(
            f"{settings().function} delayed {len(delays)}",
            subject=record.request.key.subject,
            reason="most of the latest messages are about this subject, and the queue has a backlog",
            seconds=max(delays),
        )

    def flush(self) -> None:
        """Write one line for each kind of repeated dead letters, with their number, in all and by subject."""
        for (decision, error), subjects in self.repeated.items():
            count = subjects.total()
            if count:
                kind: dict[str, Any] = {"decision": decision, "error": error}
                message = f"{settings().function} {decision} {count} more"
                telemetry.logger().warning(message, repeated=count, subjects=dict(subjects), **kind)


def _write(record: Record, outcome: Outcome, attempt: int, lag_ms: int | None) -> None:
    """Write the line of a decision; docs/operations.md lists its keys."""
    keys: dict[str, Any] = record.log_keys | {
        "decision": outcome.decision,
        "decision_reason": outcome.reason,
        "error": outcome.error,
        "attempt": attempt,
        "lag_ms": lag_ms,
        "duration_ms": outcome.duration_ms,
        "effects": [f"{effect['kind']} {effect['subject']}" for effect in outcome.effects[:EFFECTS_SHOWN]],
        "effects_count": len(outcome.effects) + outcome.effects_omitted,
    }
    if outcome.correlation_id:
        keys["correlation_id"] = outcome.correlation_id
    if outcome.cause:
        keys["causation_id"] = outcome.cause["event_id"]
    failed = outcome.error or outcome.decision in DEAD_LETTERED
    write = telemetry.logger().warning if failed else telemetry.logger().info
    write(f"{settings().function} {outcome.decision}", **keys)


def _count(outcome: Outcome, lag_ms: int | None) -> None:
    """Count a decision, and measure the age of its event and, if the handler was called, the duration of the run."""
    telemetry.metrics().count(METRICS[outcome.decision])
    if lag_ms is not None:
        telemetry.metrics().measure("EventLag", lag_ms)
    if outcome.handled:
        telemetry.metrics().measure("RunDuration", outcome.duration_ms)


def _trace(record: Record, outcome: Outcome) -> None:
    """Trace a decision that the subsegment of a handler does not have: without a handler, or after it ended."""
    if record.event and outcome.decision is not outcome.handled:
        correlation_id = outcome.correlation_id or record.event.lineage.correlation_id
        with telemetry.span(event_id=record.event.id, correlation_id=correlation_id, decision=outcome.decision):
            pass
