"""The views of the widget: each collects its answer and renders it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate import why
from herald.investigate.causes import chain
from herald.investigate.history import History
from herald.markup import Markup, tag, together
from herald.page import run_table
from herald.page.chain import decisions
from herald.page.pieces import section
from herald.page.server import failure_evidence, run_source
from herald.page.server.failure_evidence import settled
from herald.page.shapes import Answer, Decided, Evidence, Filters
from herald.page.subject_view import subject_view
from herald.page.trace_view import trace_view
from herald.targets import lookup
from herald.widget import console_addresses
from herald.widget.widget_event import WidgetEvent
from herald.widget.widget_ways import WidgetWays

TEXT: Final = 20_000  # characters of one input and of the log lines of one failure: Lambda limits the whole answer
LINKED: Final = 20  # runs of one page with links to the console
BEFORE: Final = timedelta(hours=1)  # before and after a run was settled, in which the console searches
NOT_READ: Final = (
    "The widget may not read the objects of your buckets: for an object without a run it knows only the events of the "
    "last hour. `herald why` also finds older objects."
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a view needs: the deployment, the call of CloudWatch, the ways and the current time in ms."""

    deployment: Deployment
    event: WidgetEvent
    ways: WidgetWays
    now: int


def runs(call: Call) -> Markup:
    """Return the runs of the period, newest first."""
    event = call.event
    filters = Filters(function=event.text("function"), decision=event.text("decision"))
    found = run_source.of_index(call.deployment, event.begin, filters, event.end, run_table.PER_PAGE + 1)
    table = run_table.runs(found, call.ways, now=call.now)
    return together(tag("h1", "What ran"), _period(event, len(found)), table)


def subject(call: Call) -> Markup:
    """Return the run page of a subject, or of the subject of an event id."""
    asked = call.event.text("subject") or call.event.text("event_id")
    meant = lookup.find(call.deployment, asked, call.event.begin, _ignore)
    try:
        answer = why.why(call.deployment, meant.subject)
    except CommandError as error:
        raise CommandError(f"{error}\n{NOT_READ}") from error
    evidence = {key: _shortened(each) for key, each in failure_evidence.collect(call.deployment, answer).items()}
    page = subject_view(answer, call.ways, now=call.now, evidence=evidence)
    return together(page, _console(call.deployment, answer))


def trace(call: Call) -> Markup:
    """Return the trace of a correlation id, a subject or an event id."""
    asked = call.event.text("id") or call.event.text("correlation_id")
    meant = lookup.find(call.deployment, asked, call.event.begin, _ignore)
    above = chain(History(call.deployment), meant.subject, meant.event_id)
    answer = why.why(call.deployment, above.root["pk"] if above else meant.subject)
    page = trace_view(asked, answer, call.ways, now=call.now)
    return together(page, _console(call.deployment, answer))


def _period(event: WidgetEvent, count: int) -> Markup:
    """Return the period of a list, and why it may not have all runs."""
    shown = f"Settled from {event.begin:%Y-%m-%d %H:%M} to {event.end:%Y-%m-%d %H:%M} UTC."
    cut = " The time range is longer than 7 days: only its last 7 days are searched." if event.is_cut else ""
    more = f" Only the newest {run_table.PER_PAGE} runs are shown: choose a function or a shorter time."
    return tag("p", shown, cut, more if count > run_table.PER_PAGE else "", class_="soft")


def _shortened(evidence: Evidence) -> Evidence:
    """Return evidence whose texts have a limited length; the newest log lines stay."""
    body, log = evidence["input"], "\n".join(evidence["log"])
    return Evidence(
        input=body if body is None or len(body) <= TEXT else f"{body[:TEXT]}… ({len(body):,} characters)",
        log=evidence["log"] if len(log) <= TEXT else [f"… ({len(log):,} characters)", log[-TEXT:]],
        log_group=evidence["log_group"],
    )


def _console(deployment: Deployment, answer: Answer) -> Markup:
    """Return links to the log and to the traces of each run, in the console."""
    known = [(each, when) for _, each in decisions(answer) if each["event_id"] and (when := settled(each))]
    if not known:
        return together()
    items = (_links(deployment, *each) for each in known[:LINKED])
    more = [tag("li", f"{len(known) - LINKED:,} more runs have no links here.")] if len(known) > LINKED else []
    return section("console", "In the console", tag("ul", *items, *more, class_="not-run"))


def _links(deployment: Deployment, decided: Decided, when: datetime) -> Markup:
    function, event_id, region = decided["function"], decided["event_id"], str(deployment.session.region_name)
    begin, end = when - BEFORE, when + BEFORE
    log = console_addresses.log(region, functions.error_log(deployment, function), event_id, begin, end)
    traces = console_addresses.traces(region, event_id, begin, end)
    name = tag("span", function, class_="name")
    return tag("li", name, ": ", _outside("log lines", log), ", ", _outside("traces", traces))


def _outside(label: str, address: str) -> Markup:
    return tag("a", label, href=address, target="_blank", rel="noopener noreferrer")


def _ignore(_step: str) -> None:
    """Show no progress: a call has one answer."""
