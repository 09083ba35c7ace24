"""Answers `herald status`: the health of each function, its failed runs of the last hour, what needs attention."""

from collections import Counter
from typing import Any, Final

from functions.runtime.core import clock
from functions.runtime.ledger.decisions import Decision
from functions.runtime.ledger.runs_index import HOUR_MS
from herald.deployment.deployment import Deployment
from herald.deployment.queues import count
from herald.investigate.history import function_of
from herald.investigate.settled_runs import Wanted, settled
from herald.monitor import function_health
from herald.page.shapes import Health

JOURNAL: Final = "journal"  # its queues are beside those of the functions
FAILED_READ: Final = 10_000  # runs of one answer


def describe(deployment: Deployment) -> dict[str, Any]:
    """Return the state of an environment as `herald status --json` prints it; what needs attention comes first."""
    failed = _failed(deployment)
    states = [_state(deployment, each, failed) for each in function_health.functions(deployment)]
    sqs, queues = deployment.client("sqs"), deployment.all_queues.get(JOURNAL, {})
    platform = {
        "undelivered": count(sqs, deployment.outputs["Undelivered"]),
        "journal_waiting": count(sqs, queues["queue"]) if queues else None,
        "journal_dead_letters": count(sqs, queues["dead_letters"]) if queues else None,
    }
    problems = {
        "undelivered events": platform["undelivered"],
        "dead letters of the journal": platform["journal_dead_letters"],
    }
    return {
        "functions": sorted(states, key=lambda each: (not each["attention"], each["function"])),
        "platform": {**platform, "attention": [each for each, number in problems.items() if number]},
    }


def needs_attention(answer: dict[str, Any]) -> bool:
    """Return whether a function or the platform needs attention."""
    return bool(answer["platform"]["attention"]) or any(each["attention"] for each in answer["functions"])


def _failed(deployment: Deployment) -> Counter[tuple[str, bool]]:
    """Count the failed runs of the last hour by function, and whether they are retried."""
    rows = settled(deployment, Wanted(failed=True), clock.now_ms() - HOUR_MS, FAILED_READ)
    return Counter((function_of(row, deployment), row["decision"] == Decision.RETRYING) for row in rows)


def _state(deployment: Deployment, health: Health, failed: Counter[tuple[str, bool]]) -> dict[str, Any]:
    name = health["function"]
    counted = {"retrying": failed[name, True], "failed": failed[name, False]}
    limit = deployment.specs[name].objectives.start_within_seconds
    late = bool(limit and health["oldest_s"] and health["oldest_s"] > limit)
    attention = {
        health["state"]: health["state"] in {"paused", "not deployed"},
        "dead letters": bool(health["dead"]),
        "the oldest message is older than start_within": late,
        "failed in the last hour": bool(counted["failed"]),
    }
    return {**health, **counted, "attention": [each for each, needed in attention.items() if needed]}
