"""The kind of value in a text. A text is a number or a date only if it has no other meaning."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Final, cast

from functions.profile_dataset.model import Kind, Value

LONGEST: Final = 64  # no supported number, date or boolean is longer
# A leading zero or plus means an identifier (007, +49 30), and so do more digits than 64 bits can hold. `1,234.5`,
# `1,5` and 03/04/2026 have different meanings in different countries, so they are text.
SHAPE: Final = re.compile(
    r"""(?P<integer>-?(?:0|[1-9][0-9]{0,17}))
    |(?P<number>-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)|\.[0-9]+(?:[eE][-+]?[0-9]+)?))
    |(?P<not_finite>[-+]?(?i:nan|inf|infinity))
    |(?P<boolean>(?i:true|false))
    |(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})
    |(?P<datetime>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt\ ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?
        (?:[Zz]|[-+][0-9]{2}(?::?[0-9]{2})?)?)""",
    re.VERBOSE,
)


def by_kind(texts: Iterable[str]) -> dict[Kind, dict[str, Value]]:
    """Return the texts by kind, each with its value. The value is None in kinds without an order.

    Dates and times are in ISO 8601; a time without an offset is UTC. An invalid date, such as February 30, is text. A
    number beyond a double is not finite.
    """
    shapes: defaultdict[str, list[str]] = defaultdict(list)
    for text in texts:
        shape = SHAPE.fullmatch(text) if len(text) <= LONGEST else None
        shapes[(shape and shape.lastgroup) or "text"].append(text)
    found: defaultdict[Kind, dict[str, Value]] = defaultdict(dict)
    for name, alike in shapes.items():
        kind = cast("Kind", name)
        if kind not in READERS:
            found[kind].update(dict.fromkeys(alike))
            continue
        read, otherwise = READERS[kind]
        known = {}
        for text in alike:
            try:
                known[text] = read(text)
            except ValueError:
                found[otherwise][text] = None
        if known:
            found[kind] = known
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text.upper())
    return time if time.tzinfo else time.replace(tzinfo=UTC)


# The function that reads a value of each kind, and the kind of a text that it cannot read.
READERS: Final[dict[Kind, tuple[Callable[[str], Value], Kind]]] = {
    "integer": (int, "text"),
    "number": (_finite, "not_finite"),
    "date": (date.fromisoformat, "text"),
    "datetime": (_time, "text"),
}
