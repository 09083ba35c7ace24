"""The views of the page besides the list of runs: each collects its answer and renders it."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from herald.dead_letters import listing
from herald.errors import CommandError
from herald.investigate import why
from herald.investigate.causes import chain
from herald.investigate.history import History
from herald.markup import tag, together
from herald.monitor import function_health
from herald.page import dead_letter_table, health_table
from herald.page.server import failure_evidence
from herald.page.server.asked import Asked, View, now_ms
from herald.page.subject_view import subject_view
from herald.page.trace_view import trace_view
from herald.targets import lookup

if TYPE_CHECKING:
    from herald.page.shapes import DeadLetterAnswer

SEARCHED: Final = timedelta(days=1)  # in which the run of an id is searched


def subject(asked: Asked) -> View:
    """Return the run page of a subject."""
    name = asked.text("subject")
    if not name:
        raise CommandError("the address has no subject: write /subject?subject=s3://bucket/key")
    meant = lookup.find(asked.deployment, name, _search_start(), _ignore)
    answer = why.why(asked.deployment, meant.subject)
    evidence = failure_evidence.collect(asked.deployment, answer)
    return View(title=name, content=subject_view(answer, asked.ways, now=now_ms(), evidence=evidence))


def trace(asked: Asked) -> View:
    """Return the trace of a subject, an event id or a correlation id: it begins at the first event of the chain."""
    name = asked.text("id")
    if not name:
        raise CommandError("the address has no id: write /trace?id=CORRELATION_ID or /trace?id=SUBJECT")
    meant = lookup.find(asked.deployment, name, _search_start(), _ignore)
    above = chain(History(asked.deployment), meant.subject, meant.event_id)
    answer = why.why(asked.deployment, above.root["pk"] if above else meant.subject)
    return View(title=f"Trace {name}", content=trace_view(name, answer, asked.ways, now=now_ms()))


def _search_start() -> datetime:
    return datetime.now(UTC) - SEARCHED


def _ignore(_step: str) -> None:
    """Show no progress: an address has one answer."""


def dead_letters(asked: Asked) -> View:
    """Return the dead letters of all functions, or of one."""
    function = asked.text("function") or None
    found = [each.describe() for each in listing.read(asked.deployment, listing.Filter(function=function))]
    title = f"Dead letters of {function}" if function else "Dead letters"
    every = [tag("p", tag("a", "Show all functions", href="/dead-letters"))] if function else []
    table = dead_letter_table.dead_letters(cast("list[DeadLetterAnswer]", found), asked.ways, now_ms())
    return View(title=title, content=together(tag("h1", title), *every, table))


def functions(asked: Asked) -> View:
    """Return all functions with their health."""
    table = health_table.functions(function_health.functions(asked.deployment), asked.ways)
    return View(title="Functions", content=together(tag("h1", "Functions"), table))
