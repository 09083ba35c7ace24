"""The views of the page besides the list of runs: each collects its answer and renders it."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from herald.dead_letters import listing
from herald.errors import CommandError
from herald.investigate import why
from herald.markup import tag, together
from herald.page import dead_letter_table, health_table
from herald.page.server import failure_evidence, function_health, run_source
from herald.page.server.asked import Asked, View, now_ms
from herald.page.subject_view import subject_view
from herald.page.trace_view import trace_view

if TYPE_CHECKING:
    from herald.page.shapes import DeadLetterAnswer

TRACE_PERIOD: Final = timedelta(days=1)  # in which the runs of a correlation id are searched


def subject(asked: Asked) -> View:
    """Return the run page of a subject."""
    name = asked.text("subject")
    if not name:
        raise CommandError("the address has no subject: write /subject?subject=s3://bucket/key")
    answer = why.why(asked.deployment, name)
    evidence = failure_evidence.collect(asked.deployment, answer)
    return View(title=name, content=subject_view(answer, asked.ways, now=now_ms(), evidence=evidence))


def trace(asked: Asked) -> View:
    """Return the trace of a correlation id or of a subject."""
    name = asked.text("id")
    if not name:
        raise CommandError("the address has no id: write /trace?id=CORRELATION_ID or /trace?id=SUBJECT")
    since = datetime.now(UTC) - TRACE_PERIOD
    first = run_source.first_subject(asked.deployment, name, since, asked.source)
    answer = why.why(asked.deployment, first or name)
    return View(title=f"Trace {name}", content=trace_view(name, answer, asked.ways, now=now_ms()))


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
