"""Values of events as EventBridge compares them, and as sentences show them."""

import math
import sys
from decimal import Decimal
from typing import Any, Final

from functions.runtime.core.text import cut
from functions.runtime.patterns import addresses

SHOWN: Final = 80
EXACT: Final = 2**53  # integers up to it are doubles, and have no more digits than these


def same(wanted: Any, value: Any) -> bool:  # noqa: ANN401 - JSON
    """Compare as EventBridge does: numbers by what they are, addresses however written, true never with 1."""
    if isinstance(wanted, str):
        return isinstance(value, str) and (wanted == value or addresses.same(wanted, value))
    if not (is_number(wanted) and is_number(value)):
        return type(wanted) is type(value) and bool(wanted == value)
    # A zero with a fraction may be all that Python keeps of a number too small for a double, such as 1e-400.
    if is_comparable(wanted) and is_comparable(value) and repr(wanted) != "0.0":
        return float(wanted) == float(value)
    return repr(wanted) == repr(value)


def is_number(value: Any) -> bool:  # noqa: ANN401 - JSON
    """Judge whether a value is a number of JSON; infinity and NaN are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and not _is_odd(value)


def is_comparable(number: float) -> bool:
    """Judge whether EventBridge compares a number: only where its double, written as briefly as it can be, is the same.

    So 10^24 is compared, whose double is a little less, and 2^60 is not, which is written 1.152921504606847E18. Of a
    fraction of 17 digits Python may have kept fewer than are written, so it counts as one that a double does not hold.
    Source: aws/event-ruler, ComparableNumber.java.
    """
    if isinstance(number, int):
        if abs(number) <= EXACT:
            return True
        return abs(number) <= sys.float_info.max and Decimal(repr(float(number))) == number
    return float(f"{number:.15e}") == number or abs(number) == sys.float_info.max


def _is_odd(number: float) -> bool:
    return isinstance(number, float) and not math.isfinite(number)


def show(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a value for a sentence, cut at 80 characters."""
    words = {"None": "null", "True": "true", "False": "false"}
    text = words.get(repr(value), repr(value))
    return cut(text, SHOWN)


def folded_length(wanted: str, value: str, *, backwards: bool = False) -> int | None:
    """Return how much of a value, from its start or its end, is a text in any case; None where it is not that text.

    EventBridge takes each UTF-16 unit of the text in lower and in upper case, so `ß` stands for `SS` too, and half of a
    surrogate pair becomes `?`. Source: aws/event-ruler, EqualsIgnoreCaseParser.java.
    """
    step = -1 if backwards else 1
    text, at = value[::step], 0
    for char in wanted[::step]:
        plain = "??" if ord(char) > 0xFFFF else "?" if "\ud800" <= char <= "\udfff" else ""  # noqa: PLR2004 - one unit
        forms = (plain,) if plain else (char.lower()[::step], char.upper()[::step])
        found = next((form for form in forms if text.startswith(form, at)), None)
        if found is None:
            return None
        at += len(found)
    return at
