"""Reads the fields of an envelope by their dotted paths. EnvelopeError names the path and the fault.

The readers differ from those of `core.json_values` in their limits and messages: a text must fit into a row of the
ledger, and a null has the wrong type where a field is required.
"""

from datetime import UTC, datetime
from typing import Any, Final

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.json_values import Json, walk

MISSING: Final = object()
NOTHING: Final = (MISSING, None, "")

# DynamoDB's limit for a partition key. Each text must fit into a row; valid ids, sources and times are much shorter.
TEXT_BYTES: Final = 2_048


def text(envelope: Json, path: str) -> str:
    """Return the text at a path; EnvelopeError when it is missing, empty or not a text."""
    value = field(walk(envelope, path, MISSING), path, str)
    if not value:
        raise EnvelopeError(path, "is empty")
    check_length(path, value)
    return value


def optional(envelope: Json, path: str) -> str | None:
    """Return the text at a path, None if there is none; EnvelopeError when it is not a text."""
    found = walk(envelope, path, MISSING)
    if found in NOTHING:
        return None
    value = field(found, path, str)
    check_length(path, value)
    return value


def instant(envelope: Json, path: str) -> str | None:
    """Return the time at a path in UTC, in a format that sorts as text; None if there is none."""
    text = optional(envelope, path)
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        instant = when.astimezone(UTC).isoformat(timespec="microseconds") if when.tzinfo else None
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        raise EnvelopeError(path, "is not an ISO 8601 time with its offset from UTC")
    return instant


def table(envelope: Json, path: str) -> dict[str, Any]:
    """Return the object at a path; EnvelopeError when it is missing or not an object."""
    return field(walk(envelope, path, MISSING), path, dict)


def check_length(name: str, text: str) -> None:
    """Raise EnvelopeError for a text that is too long for a row of the ledger."""
    # A character has at most four bytes, so most texts need no encoding for this check.
    if len(text) > TEXT_BYTES // 4 and len(text.encode()) > TEXT_BYTES:
        raise EnvelopeError(name, f"has {len(text.encode()):,} bytes, more than {TEXT_BYTES:,}")


def count(envelope: Json, path: str) -> int:
    """Return the integer at a path, 0 if there is none: deletions have no size, first events have no depth."""
    found = walk(envelope, path, MISSING)
    number = 0 if found in NOTHING else field(found, path, int)
    if number < 0:
        raise EnvelopeError(path, f"is {number}, below 0")
    return number


def field[T](value: object, path: str, kind: type[T]) -> T:
    """Return a value that was found at a path; EnvelopeError when it is missing or not of that type."""
    if value is MISSING:
        raise EnvelopeError(path, "is missing")
    if not isinstance(value, kind):
        raise EnvelopeError(path, f"is {type(value).__name__}, not {kind.__name__}")
    return value
