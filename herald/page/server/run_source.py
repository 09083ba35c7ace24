"""The recent runs of a deployment: the only place of the page that asks for a list of runs."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from herald.deployment.deployment import Deployment
from herald.investigate import journal
from herald.investigate.history import History, Row, function_of
from herald.page.shapes import Filters, RunLine

# Returns the runs that were settled since a time, in any order.
type Source = Callable[[Deployment, datetime], Sequence[RunLine]]

SUBJECTS: Final = 500  # of the journal; each is one query of the ledger


def of_journal(deployment: Deployment, since: datetime) -> list[RunLine]:
    """Return the runs of the newest subjects in the journal, read by key.

    Runs on messages of devices are missing, because the journal has no such messages.
    """
    subjects: dict[str, None] = {}
    for entry in journal.read(deployment, since, datetime.now(UTC)):
        subjects.pop(entry.event.subject, None)
        subjects[entry.event.subject] = None
    history = History(deployment)
    newest = list(islice(reversed(subjects), SUBJECTS))
    return [_line(deployment, row) for subject in newest for row in history.rows(subject)]


def _line(deployment: Deployment, row: Row) -> RunLine:
    return RunLine(
        time=row.get("settled_at"),
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


def recent_runs(
    deployment: Deployment, since: datetime, filters: Filters, source: Source = of_journal
) -> list[RunLine]:
    """Return the runs settled since a time that the filters select, newest first; open runs without a time lead."""
    begin = since.timestamp() * 1000
    found = (run for run in source(deployment, since) if run["time"] is None or run["time"] >= begin)
    return sorted(filter(filters.accepts, found), key=lambda run: -_time(run))


def _time(run: RunLine) -> float:
    return float("inf") if run["time"] is None else run["time"]


def first_subject(deployment: Deployment, correlation_id: str, since: datetime, source: Source) -> str | None:
    """Return the subject of the first run with a correlation id; None: no run since that time has it.

    The id of the first event is the correlation id. Without its run, the run that was settled first counts.
    """
    found = recent_runs(deployment, since, Filters(correlation_id=correlation_id), source)
    roots = [run for run in found if run["event_id"] == correlation_id]
    return next((run["subject"] for run in reversed(roots or found)), None)
