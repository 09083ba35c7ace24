"""Compares values of events as EventBridge does, and formats them for messages."""

import math
import sys
from decimal import Decimal
from typing import Any, Final

from functions.runtime.core.text import cut
from functions.runtime.patterns import addresses

SHOWN: Final = 80
EXACT: Final = 2**53  # a double represents every integer up to it exactly


def same(wanted: Any, value: Any) -> bool:  # noqa: ANN401 - JSON
    """Compare as EventBridge does: numbers by value, addresses in any notation, and true is not 1."""
    if isinstance(wanted, str):
        return isinstance(value, str) and (wanted == value or addresses.same(wanted, value))
    if not (is_number(wanted) and is_number(value)):
        return type(wanted) is type(value) and bool(wanted == value)
    # Python parses a number that is too small for a double, such as 1e-400, as 0.0.
    if is_comparable(wanted) and is_comparable(value) and repr(wanted) != "0.0":
        return float(wanted) == float(value)
    return repr(wanted) == repr(value)


def is_number(value: Any) -> bool:  # noqa: ANN401 - JSON
    """Return whether a value is a JSON number; infinity and NaN are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and not _is_odd(value)


def is_comparable(number: float) -> bool:
    """Return whether EventBridge compares a number: the shortest text of its double must have the same value.

    10^24 is comparable although its double is slightly less. 2^60 is not, because its shortest text is
    1.152921504606847E18. Python may drop digits of a fraction with 17 digits, so such a fraction is not comparable.
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
    """Return a value for a message, with at most 80 characters."""
    words = {"None": "null", "True": "true", "False": "false"}
    text = words.get(repr(value), repr(value))
    return cut(text, SHOWN)


def folded_length(wanted: str, value: str, *, backwards: bool = False) -> int | None:
    """Return the length of the value's start, or end, that equals a text in any case; None if it does not.

    EventBridge compares each UTF-16 unit of the text in lower and in upper case, so `ß` equals `SS` too, and each half
    of a surrogate pair becomes `?`. Source: aws/event-ruler, EqualsIgnoreCaseParser.java.
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
