"""Small elements of all views: subjects, decisions, times, names with values."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from herald.markup import Markup, tag, together
from herald.texts import counted

# The color of each decision, by the names in colors.css; `fault` is red, `topic` amber, `bucket` green.
COLORS: Final = {
    "processed": "bucket",
    "running": "topic",
    "retrying": "topic",
    "late": "fault",
    "rejected": "fault",
    "dead": "fault",
}
MINUTE_MS: Final = 60_000
BRIEF: Final = 150  # characters
UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def isolated(text: str) -> Markup:
    """Return a text from an event; its direction of writing cannot reorder the text around it."""
    return tag("bdi", text)


def code(text: str) -> Markup:
    """Return a key, an id or a command from an event."""
    return tag("code", isolated(text))


def decision(word: str) -> Markup:
    """Return a decision; its word, not its color alone, says how the run ended."""
    return tag("span", word, class_=f"decision {COLORS.get(word, 'source')}")


def moment(ms: float | None, now: int) -> Markup:
    """Return a time in UTC, and how long ago it is."""
    if ms is None:
        return tag("span", "not yet", class_="soft")
    try:
        when = datetime.fromtimestamp(float(ms) / 1000, UTC)
    except (OSError, OverflowError, ValueError):  # out of the range of years or of the platform
        return tag("span", "unknown time", class_="soft")
    shown = tag("time", f"{when:%Y-%m-%d %H:%M:%S}", datetime=when.isoformat(timespec="milliseconds"))
    return together(shown, " ", tag("span", f"{age(max(0, now - int(ms)) // 1000)} ago", class_="soft"))


def age(seconds: int) -> str:
    """Return a duration in its largest unit."""
    for size, unit in UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "0 s"


def took(ms: float | None) -> str:
    """Return the duration of a run."""
    if ms is None:
        return "unknown"
    return f"{int(ms):,} ms" if ms < MINUTE_MS else str(timedelta(milliseconds=ms)).partition(".")[0]


def facts(pairs: Iterable[tuple[str, str]]) -> Markup:
    """Return names with their values."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs))


def section(name: str, title: str, *parts: Markup) -> Markup:
    """Return a section with a heading."""
    return tag("section", tag("h2", title, id=f"{name}-title"), *parts, id=name, aria_labelledby=f"{name}-title")


def scrolled(kind: str, name: str, content: str) -> Markup:
    """Return a text with its line breaks; it scrolls, also by keyboard."""
    return tag("pre", tag("code", isolated(content)), class_=kind, tabindex=0, role="region", aria_label=name)


def some(count: int, noun: str) -> str:
    """Return a number with its noun, with a separator of thousands."""
    return f"{count:,} {counted(count, noun).partition(' ')[2]}"


def brief(text: str) -> str:
    """Return a text for a cell of a table: the middle of a long one is left out, because the end of a key matters."""
    return text if len(text) <= BRIEF else f"{text[: BRIEF * 2 // 3]}…{text[-BRIEF // 3 :]}"


def table(kind: str, name: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Markup:
    """Return a table; its roles keep it a table where the style shows rows as blocks. The first cell is a heading.

    `kind` is the class by which the style sets the widths of the columns.
    """
    columns = list(heads)
    head = tag("tr", *(tag("th", each, scope="col", role="columnheader") for each in columns), role="row")
    body = (tag("tr", *_cells(columns, row), role="row") for row in rows)
    return tag(
        "table",
        tag("caption", name),
        tag("thead", head, role="rowgroup"),
        tag("tbody", *body, role="rowgroup"),
        role="table",
        class_=kind,
    )


def _cells(columns: list[str], row: Iterable[str]) -> Iterable[Markup]:
    for number, (column, value) in enumerate(zip(columns, row, strict=True)):
        if number == 0:
            yield tag("th", value, scope="row", role="rowheader")
        else:
            yield tag("td", value, role="cell", data_label=column)
