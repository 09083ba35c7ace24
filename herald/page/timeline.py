"""The timeline of a chain: each run with its duration as a bar between the first start and the last end."""

from collections.abc import Iterator, Sequence
from typing import Final

from herald.markup import Markup, tag
from herald.page.pieces import decision, moment, table, took
from herald.page.shapes import Decided
from herald.page.ways import Ways, subject_link

HEADS: Final = ("Settled (UTC)", "Function", "Decision", "Subject", "Duration", "When it ran")
LEAST: Final = 0.6  # the width of the shortest bar, in percent
ROWS: Final = 500


def timeline(found: Sequence[tuple[str, Decided]], ways: Ways, now: int) -> Markup:
    """Return the runs in the order in which they were settled; runs without a time are left out."""
    known = [(subject, each) for subject, each in found if each["settled_at"] is not None]
    if not known:
        return tag("p", "No run has a time yet.", class_="empty")
    known.sort(key=lambda pair: pair[1]["settled_at"])
    span = _span([each for _, each in known])
    shown = known[:ROWS]
    caption = "Runs in the order in which they were settled"
    if len(known) > ROWS:
        caption += f"; the first {ROWS:,} of {len(known):,}"
    return table("timeline", caption, HEADS, (_row(subject, each, ways, now, span) for subject, each in shown))


def _row(subject: str, each: Decided, ways: Ways, now: int, span: tuple[float, float]) -> Iterator[str]:
    yield moment(each["settled_at"], now)
    yield tag("span", each["function"], class_="name")
    yield decision(each["decision"])
    yield subject_link(subject, ways)
    yield took(each["duration_ms"])
    yield _bar(each, *span)


def _span(found: Sequence[Decided]) -> tuple[float, float]:
    """Return the first start and the total duration in ms."""
    first = min(_start(each) for each in found)
    last = max(float(each["settled_at"]) for each in found)
    return first, max(1.0, last - first)


def _start(each: Decided) -> float:
    return float(each["settled_at"]) - float(each["duration_ms"] or 0)


def _bar(each: Decided, first: float, total: float) -> Markup:
    """Return a bar as SVG: its attributes need no inline style, which the policy of the page forbids."""
    width = max(LEAST, 100 * (float(each["settled_at"]) - _start(each)) / total)
    left = min(100 - width, 100 * (_start(each) - first) / total)
    offset = took(_start(each) - first)
    return tag(
        "svg",
        tag("rect", x=0, y=7, width=100, height=2, class_="track"),
        tag("rect", x=f"{max(0.0, left):.2f}", y=2, width=f"{min(width, 100):.2f}", height=12),
        viewBox="0 0 100 16",
        preserveAspectRatio="none",
        role="img",
        class_="bar",
        aria_label=f"began {offset} after the first run",
    )
