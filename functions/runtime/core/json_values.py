"""Values at dotted paths of a JSON object, such as `data.object.id`. A null counts as missing.

The module uses the standard library alone, so a function's model may import it.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from functions.runtime.core.errors import MalformedError

TEXT_LENGTH: Final = 500  # longer than any valid id, name or reference
LARGEST: Final = 2**53  # JSON readers disagree on larger integers; source: RFC 8259, section 6
MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)

type Json = Mapping[str, Any]


def value[T: (str, int, float, bool)](document: Json, path: str, kind: type[T]) -> T:
    """Return the value at a path; MalformedError when it is missing or has another type.

    JSON does not distinguish 5 from 5.0: both can be read as an int and as a float.
    """
    found = _present(document, path)
    if kind is float and type(found) is int:
        return kind(found)
    if kind is int and isinstance(found, float) and found.is_integer():
        return kind(found)
    if type(found) is not kind:
        raise MalformedError(path, f"is {type(found).__name__}, not {kind.__name__}")
    return found


def text(document: Json, path: str, longest: int = TEXT_LENGTH) -> str:
    """Return the text at a path; MalformedError when it is missing, empty, too long or not a text."""
    found = _present(document, path)
    if not isinstance(found, str) or not 0 < len(found) <= longest:
        raise MalformedError(path, f"must be a text of 1 to {longest} characters")
    return found


def optional_text(document: Json, path: str, longest: int = TEXT_LENGTH) -> str | None:
    """Return the text at a path, None when it is missing, null or empty."""
    return text(document, path, longest) if walk(document, path) not in (None, "") else None


def moment(document: Json, path: str) -> str:
    """Return the RFC 3339 time at a path, the form that CloudEvents require; MalformedError when there is none."""
    found = text(document, path)
    try:
        known = MOMENT.fullmatch(found) and datetime.fromisoformat(found)
    except ValueError:
        known = None
    if not known:
        raise MalformedError(path, "must be an RFC 3339 time such as 2026-11-12T08:00:00Z")
    return found


def instant(document: Json, path: str) -> float:
    """Return the time at a path in seconds since the epoch. It is a number of seconds or an RFC 3339 time."""
    if isinstance(walk(document, path), str):
        return datetime.fromisoformat(moment(document, path)).timestamp()
    return whole_number(document, path)


def flag(document: Json, path: str) -> bool:
    """Return the boolean at a path; MalformedError when there is none."""
    return _of_type(document, path, bool, "true or false")


def whole_number(document: Json, path: str) -> int:
    """Return the integer at a path; MalformedError when there is none, or when it is beyond ±2^53."""
    number = _of_type(document, path, int, "a whole number")
    if abs(number) > LARGEST:
        raise MalformedError(path, "must be a whole number within ±2^53")
    return number


def table(document: Json, path: str) -> Json:
    """Return the object at a path; MalformedError when there is none."""
    return _of_type(document, path, dict, "an object")


def _of_type[T](document: Json, path: str, kind: type[T], required: str) -> T:
    found = _present(document, path)
    if type(found) is not kind:  # isinstance(True, int) is true in Python
        raise MalformedError(path, f"must be {required}")
    return found


def _present(document: Json, path: str) -> object:
    found = walk(document, path)
    if found is None:
        raise MalformedError(path, "is missing")
    return found


def walk(document: Json, path: str, missing: object = None) -> object:
    """Return the value at a dotted path, `missing` if there is none."""
    found: Any = document
    for name in _steps(path):
        if not isinstance(found, dict) or name not in found:
            return missing
        found = found[name]
    return found


@cache
def _steps(path: str) -> list[str]:
    return path.split(".")
