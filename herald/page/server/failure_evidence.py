"""The event and the log lines of each failed run on a page."""

from datetime import UTC, datetime, timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate import journal
from herald.investigate.consumers import LONGEST_RUN, TRANSIT
from herald.monitor import function_log
from herald.page.shapes import Answer, Decided, Evidence
from herald.page.subject_view import evidence_key, failures

RUNS: Final = 5  # failed runs of one page with evidence; each may read the journal and a log
LINES: Final = 50
BEFORE: Final = timedelta(
    hours=1
)  # the time before a run was settled in which its log lines and its event are searched


def collect(deployment: Deployment, answer: Answer) -> dict[str, Evidence]:
    """Return the evidence of the newest failed runs of an answer, by `evidence_key`."""
    return {
        evidence_key(each): Evidence(
            input=_input(deployment, subject, each),
            log=_log(deployment, each),
            log_group=functions.error_log(deployment, each["function"]),
        )
        for subject, each in failures(answer)[:RUNS]
    }


def _input(deployment: Deployment, subject: str, each: Decided) -> str | None:
    when = settled(each)
    if when is None:
        return None
    begin = (when - BEFORE).replace(minute=0, second=0, microsecond=0)
    found = journal.newest(deployment, journal.listed(deployment, begin, when + TRANSIT), subject, each["event_id"])
    return found.body if found else None


def _log(deployment: Deployment, each: Decided) -> list[str]:
    """Return the log lines about the event; an unreadable log has none, and the page names the log."""
    when = settled(each)
    if when is None or not each["event_id"]:
        return []
    begin, end = when - BEFORE - LONGEST_RUN, when + TRANSIT
    try:
        found = list(function_log.lines(deployment, each["function"], begin, each["event_id"], end))
    except (BotoCoreError, ClientError, CommandError):
        return []
    return [line.text for line in found[-LINES:]]


def settled(each: Decided) -> datetime | None:
    """Return when a run was settled; None: it is open."""
    return None if each["settled_at"] is None else datetime.fromtimestamp(float(each["settled_at"]) / 1000, UTC)
