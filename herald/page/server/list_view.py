"""The list of recent runs with its filters, its pages and its updates."""

from datetime import datetime
from typing import Final

import typer

from herald.errors import CommandError
from herald.markup import Markup, tag, together, void
from herald.page import run_table
from herald.page.server import run_source
from herald.page.server.asked import Asked, View, now_ms
from herald.page.server.page_ways import address
from herald.page.shapes import Filters
from herald.terminal.console import moment

REFRESH_SECONDS: Final = 10  # without script; live.js asks every five seconds
DEFAULT_PERIOD: Final = "1h"
DIGITS: Final = 6  # of a page number
CUT: Final = f"Only the newest {run_source.RUNS:,} runs are listed: choose a shorter period, a function or a decision."


def runs(asked: Asked) -> View:
    """Return the list of recent runs with its filters."""
    since = asked.text("since", DEFAULT_PERIOD)
    filters = Filters(
        **{name: asked.text(name) for name in ("function", "decision", "error", "text", "correlation_id")}
    )
    found = run_source.recent_runs(asked.deployment, _since(since), filters, asked.source)
    count = run_table.pages(len(found))
    page = min(_number(asked.text("page", "1")), count)
    live = page == 1 and asked.text("live") != "off"
    form = tag(
        "form",
        run_table.filter_fields(filters, sorted(asked.deployment.specs), since),
        tag("p", tag("button", "Show", type="submit")),
        method="get",
        action="/",
        class_="filters",
        role="search",
    )
    table = run_table.runs(found, asked.ways, now=now_ms(), page=page)
    note = [tag("p", CUT)] if len(found) == run_source.RUNS else []
    listed = tag("div", *note, table, _pages(asked, page, count), id="live")
    content = together(tag("h1", "Runs"), form, _live(asked, live=live), listed)
    return View(title="Runs", content=content, head=_refresh() if live else "")


def _since(text: str) -> datetime:
    try:
        return moment(text)
    except typer.BadParameter as error:
        raise CommandError(f"Period: {error}") from error


def _number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else 1


def _live(asked: Asked, *, live: bool) -> Markup:
    query = {name: value for name, value in asked.query.items() if name not in {"live", "page"}}
    if live:
        stop = tag("a", "Stop updates", href=address("/", **query, live="off"))
        return tag("p", tag("span", "The list updates by itself.", id="live-state"), stop, class_="live")
    return tag(
        "p", "The list does not update.", tag("a", "Update by itself", href=address("/", **query)), class_="live"
    )


def _refresh() -> Markup:
    without_script = tag("noscript", void("meta", http_equiv="refresh", content=REFRESH_SECONDS))
    return together(without_script, tag("script", src="/live.js", defer=""))


def _pages(asked: Asked, page: int, count: int) -> Markup:
    if count == 1:
        return together()
    query = {name: value for name, value in asked.query.items() if name != "page"}
    near = (("First", 1), ("Newer", page - 1), ("Older", page + 1), ("Last", count))
    links = [
        tag("a", label, href=address("/", **query, page=str(n))) for label, n in near if 1 <= n <= count and n != page
    ]
    return tag("nav", tag("span", f"Page {page:,} of {count:,}"), *links, class_="pages", aria_label="Pages")
