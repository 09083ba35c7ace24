"""Logs and counts the decisions of one invocation: a line for each, but one summary for repeated dead letters.

Without the summary, a sender of bad messages would fill the log, which costs more than the messages. No information is
lost: each message has its row in the ledger and its reason in the dead-letter queue.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from aws_lambda_powertools.metrics import MetricUnit

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

type Kind = tuple[Decision, str | None]


@dataclass
class DecisionLog:
    """The decisions of one invocation; `repeated` counts, by kind and subject, the dead letters without a line."""

    repeated: dict[Kind, Counter[str]] = field(default_factory=dict)

    def record(self, record: Record, outcome: Outcome, attempt: int) -> None:
        """Write the line of a decision; a dead letter is only counted if one with the same error has a line."""
        _count(record, outcome)
        kind = (outcome.decision, outcome.error)
        if kind in self.repeated:
            self.repeated[kind][record.request.key.subject] += 1
            return
        if outcome.decision in DEAD_LETTERED:
            self.repeated[kind] = Counter()
        _write(record, outcome, attempt)

    @staticmethod
    def record_delayed(record: Record, delays: Collection[int]) -> None:
        """Write one line for delayed messages of the subject of this record; `delays` has the seconds of each."""
        function = settings().function
        telemetry.logger().info(
            f"{function} delayed {len(delays)}",
            function=function,
            subject=record.request.key.subject,
            reason="most of the latest messages are about this subject, and the queue has a backlog",
            seconds=max(delays),
        )

    def flush(self) -> None:
        """Write one line for each kind of repeated dead letters, with their number by subject."""
        function = settings().function
        for (decision, error), subjects in self.repeated.items():
            if subjects:
                keys: dict[str, Any] = {
                    "function": function,
                    "decision": decision,
                    "error": error,
                    "subjects": dict(subjects),
                }
                telemetry.logger().warning(f"{function} {decision} {subjects.total()} more", **keys)


def _write(record: Record, outcome: Outcome, attempt: int) -> None:
    """Write the log line of an attempt."""
    lag_ms = record.event.lag_ms(clock.now_ms()) if record.event else None
    keys = record.log_keys | {
        "decision": outcome.decision,
        "decision_reason": outcome.reason,
        "attempt": attempt,
        "lag_ms": lag_ms,
        "duration_ms": outcome.duration_ms,
    }
    if outcome.correlation_id:
        keys["correlation_id"] = outcome.correlation_id
    if outcome.cause:
        keys["causation_id"] = outcome.cause["event_id"]
    write = telemetry.logger().warning if outcome.error else telemetry.logger().info
    write(f"{settings().function} {outcome.decision}", **keys)


def _count(record: Record, outcome: Outcome) -> None:
    """Count a decision and, if the event has a time, measure how long ago the event happened."""
    lag_ms = record.event.lag_ms(clock.now_ms()) if record.event else None
    telemetry.metrics().add_metric(name=METRICS[outcome.decision], unit=MetricUnit.Count, value=1)
    if lag_ms is not None:
        telemetry.metrics().add_metric(name="EventLag", unit=MetricUnit.Milliseconds, value=lag_ms)
