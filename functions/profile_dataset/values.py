"""What kind of value a text is. Only what cannot be anything else is a number or a date: all else stays text."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Final, cast

from functions.profile_dataset.model import Kind, Value

LONGEST: Final = 64  # no number, date or boolean that is read here is longer
# A leading zero or plus makes an identifier (007, +49 30), and so do more digits than 64 bits hold; `1,234.5` and `1,5`
# mean other numbers in other countries, as 03/04/2026 means other days: they are text.
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
    """Sort texts by what they are, each with its value, which is None in kinds that have no order.

    Dates and times are those of ISO 8601; a time without an offset is taken for UTC. What only looks like one, such as
    the thirtieth of February, is text; a number that no double holds is not finite.
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


# How values of a kind are read, and which kind a text is of when it only looks like one of them.
READERS: Final[dict[Kind, tuple[Callable[[str], Value], Kind]]] = {
    "integer": (int, "text"),
    "number": (_finite, "not_finite"),
    "date": (date.fromisoformat, "text"),
    "datetime": (_time, "text"),
}
