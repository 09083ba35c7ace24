"""What one invocation tells of its runs: a log line each, but of those that were buried alike only the first.

Whoever sends rubbish would otherwise fill the log with as many lines, which cost more than the messages. Nothing is
known from such a line alone: each has its row, and lies in the dead-letter queue with its reason.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aws_lambda_powertools.metrics import MetricUnit

from functions.runtime.batch.record import Delivery
from functions.runtime.core import clock, telemetry
from functions.runtime.core.settings import settings
from functions.runtime.ledger.decisions import DEAD_LETTERED, Decision, Outcome

COUNTED: Final = {
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
    """Counts every decision in the metrics; `untold` are those without a line, by kind and subject."""

    untold: dict[Kind, Counter[str]] = field(default_factory=dict)

    def record(self, delivery: Delivery, outcome: Outcome, attempt: int) -> None:
        """Write the line of an attempt, or count it to those that were buried for the same error."""
        _count(delivery, outcome)
        kind = (outcome.decision, outcome.error)
        if kind in self.untold:
            self.untold[kind][delivery.request.key.subject] += 1
            return
        if outcome.decision in DEAD_LETTERED:
            self.untold[kind] = Counter()
        _write(delivery, outcome, attempt)

    @staticmethod
    def record_waiting(waiting: Sequence[tuple[Delivery, int]]) -> None:
        """Write one line for those who wait for others to be heard, all of one subject."""
        function, subject = settings().function, waiting[0][0].request.key.subject
        seconds = max(seconds for _, seconds in waiting)
        telemetry.logger().info(
            f"{function} lets {len(waiting)} wait",
            function=function,
            subject=subject,
            reason="most of what came lately is of this subject, and the queue is behind",
            seconds=seconds,
        )

    def flush(self) -> None:
        """Write one line for each kind that has more than its first: how many, and of which subjects."""
        function = settings().function
        for (decision, error), subjects in self.untold.items():
            if subjects:
                keys: dict[str, Any] = {
                    "function": function,
                    "decision": decision,
                    "error": error,
                    "subjects": dict(subjects),
                }
                telemetry.logger().warning(f"{function} {decision} {subjects.total()} more", **keys)


def _write(delivery: Delivery, outcome: Outcome, attempt: int) -> None:
    """Write the one log line of an attempt."""
    lag_ms = delivery.event.lag_ms(clock.now_ms()) if delivery.event else None
    keys = delivery.log_keys | {
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


def _count(delivery: Delivery, outcome: Outcome) -> None:
    """Count a decision and, where it is known, how long the event took to get here."""
    lag_ms = delivery.event.lag_ms(clock.now_ms()) if delivery.event else None
    telemetry.metrics().add_metric(name=COUNTED[outcome.decision], unit=MetricUnit.Count, value=1)
    if lag_ms is not None:
        telemetry.metrics().add_metric(name="EventLag", unit=MetricUnit.Milliseconds, value=lag_ms)
