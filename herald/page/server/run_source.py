"""The recent runs of a deployment, by the index of settled runs: the only place of the page that asks for a list."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from herald.deployment.deployment import Deployment
from herald.investigate.history import Row, function_of
from herald.investigate.settled_runs import Wanted, settled, with_reasons
from herald.page.shapes import Filters, RunLine

# Returns the newest runs that were settled since a time; it may leave a part of the filters to its caller.
type Source = Callable[[Deployment, datetime, Filters], Sequence[RunLine]]

RUNS: Final = 1_000  # of one list: the reason of each is in its row, which takes ten batch reads


def of_index(
    deployment: Deployment, since: datetime, filters: Filters, until: datetime | None = None, limit: int = RUNS
) -> list[RunLine]:
    """Return the newest runs by function, decision and correlation id, but none in its first attempt; None is now."""
    spec = deployment.specs.get(filters.function)
    wanted = Wanted(
        function=(spec.first_name if spec else filters.function) or None,
        decision=filters.decision or None,
        correlation_id=filters.correlation_id or None,
    )
    end = int(until.timestamp() * 1000) if until else None
    rows = list(islice(settled(deployment, wanted, int(since.timestamp() * 1000), limit, end), limit))
    return [_line(deployment, row) for row in with_reasons(deployment, rows)]


def _line(deployment: Deployment, row: Row) -> RunLine:
    return RunLine(
        time=row["settled_at"],
        function=function_of(row, deployment),
        decision=row["decision"],
        subject=row["pk"],
        reason=row.get("reason"),
        error=row.get("error_class"),
        attempt=row.get("attempt", 0),
        duration_ms=row.get("duration_ms"),
        correlation_id=row.get("correlation_id"),
        event_id=row["facts"].get("id"),
    )


def recent_runs(deployment: Deployment, since: datetime, filters: Filters, source: Source = of_index) -> list[RunLine]:
    """Return the runs settled since a time that the filters select, newest first; open runs without a time lead."""
    begin = since.timestamp() * 1000
    found = (run for run in source(deployment, since, filters) if run["time"] is None or run["time"] >= begin)
    return sorted(filter(filters.accepts, found), key=lambda run: -_time(run))


def _time(run: RunLine) -> float:
    return float("inf") if run["time"] is None else run["time"]
