"""The list of runs, newest first, and the fields of its filters."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from functions.runtime.ledger.decisions import Decision
from herald.markup import Markup, tag, together, void
from herald.page.pieces import brief, decision, isolated, moment, some, table, took
from herald.page.shapes import FAILED, Filters, RunLine
from herald.page.ways import Ways, subject_link

PER_PAGE: Final = 100
PERIODS: Final = ("15m", "1h", "6h", "1d", "7d")
HEADS: Final = ("Subject", "Function", "Decision", "Time (UTC)", "Attempt", "Duration", "Why")


def runs(found: Sequence[RunLine], ways: Ways, *, now: int, page: int = 1) -> Markup:
    """Return one page of a list of runs; the pages begin at 1."""
    if not found:
        return tag("p", "No runs match these filters in this period.", class_="empty")
    first = (page - 1) * PER_PAGE
    shown = found[first : first + PER_PAGE]
    failed = sum(run["decision"] in FAILED for run in found)
    caption = f"{some(len(found), 'run')}, {failed:,} failed or retrying"
    if len(found) > PER_PAGE:
        caption += f"; rows {first + 1:,} to {first + len(shown):,}"
    return table("runs", caption, HEADS, (_row(run, ways, now) for run in shown))


def _row(run: RunLine, ways: Ways, now: int) -> Iterator[str]:
    yield subject_link(run["subject"], ways)
    yield tag("span", run["function"], class_="name")
    yield decision(run["decision"])
    yield moment(run["time"], now)
    yield f"{run['attempt']}"
    yield took(run["duration_ms"])
    yield together(*_why(run, ways))


def _why(run: RunLine, ways: Ways) -> Iterator[str]:
    if run["error"]:
        yield tag("code", isolated(run["error"]))
        yield " "
    if run["reason"]:
        yield isolated(brief(run["reason"]))
        yield " "
    if run["correlation_id"]:
        yield ways.link("Trace", "trace", id=run["correlation_id"])


def pages(count: int) -> int:
    """Return how many pages a list of runs has; an empty list has one."""
    return max(1, -(-count // PER_PAGE))


def filter_fields(filters: Filters, functions: Iterable[str], since: str) -> Markup:
    """Return the fields of a form: search, function, decision, error and period."""
    return together(
        _text("text", "Search", filters.text, "subject, id, reason"),
        _choice("function", "Function", ["", *functions], filters.function),
        _choice("decision", "Decision", ["", *Decision], filters.decision),
        _text("error", "Error", filters.error, "part of an error"),
        _choice("since", "Period", [*dict.fromkeys([*PERIODS, since])], since),
    )


def _text(name: str, label: str, value: str, hint: str) -> Markup:
    field = void("input", id=f"field-{name}", name=name, value=value, type="search", placeholder=hint)
    return tag("p", tag("label", label, for_=f"field-{name}"), field)


def _choice(name: str, label: str, values: Iterable[str], chosen: str) -> Markup:
    options = (
        tag("option", value or "all", value=value, **({"selected": ""} if value == chosen else {})) for value in values
    )
    return tag("p", tag("label", label, for_=f"field-{name}"), tag("select", *options, id=f"field-{name}", name=name))
