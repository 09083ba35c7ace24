"""What an envelope says at a path: read as the kind it must have, or refused with the path and what is wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from functions.runtime.core.errors import EnvelopeError

type Json = Mapping[str, Any]

MISSING: Final = object()
NOTHING: Final = (MISSING, None, "")

# The longest partition key DynamoDB takes, and more than any honest id, source or time has: a row must hold them all.
TEXT_BYTES: Final = 2_048


def text(envelope: Json, path: str) -> str:
    """Return the text at a path; EnvelopeError when it is missing, empty or of another kind."""
    value = field(walk(envelope, path), path, str)
    if not value:
        raise EnvelopeError(f"{path} is empty")
    check_length(path, value)
    return value


def optional(envelope: Json, path: str) -> str | None:
    """Return the text at a path, None where there is none; EnvelopeError when it is of another kind."""
    found = walk(envelope, path)
    if found in NOTHING:
        return None
    value = field(found, path, str)
    check_length(path, value)
    return value


def instant(envelope: Json, path: str) -> str | None:
    """Return the time at a path in UTC, in a form whose order as text is that of time; None where there is none."""
    text = optional(envelope, path)
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        instant = when.astimezone(UTC).isoformat(timespec="microseconds") if when.tzinfo else None
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        raise EnvelopeError(f"{path} is {text[:40]!r}, not an ISO 8601 time with its offset from UTC")
    return instant


def table(envelope: Json, path: str) -> dict[str, Any]:
    """Return the object at a path; EnvelopeError when it is missing or of another kind."""
    return field(walk(envelope, path), path, dict)


def check_length(name: str, text: str) -> None:
    """Raise EnvelopeError for a text that no row of the ledger could hold."""
    # No character has over four bytes: most texts need not be encoded to be known as short.
    if len(text) > TEXT_BYTES // 4 and len(text.encode()) > TEXT_BYTES:
        raise EnvelopeError(f"{name} has {len(text.encode()):,} bytes, more than {TEXT_BYTES:,}")


def count(envelope: Json, path: str) -> int:
    """Return the whole number at a path, 0 where there is none (deletions have no size, first events no depth)."""
    found = walk(envelope, path)
    number = 0 if found in NOTHING else field(found, path, int)
    if number < 0:
        raise EnvelopeError(f"{path} is {number}, below 0")
    return number


def field[T](value: object, path: str, kind: type[T]) -> T:
    """Return the value that was found at a dotted path; `kind` is what JSON must have there."""
    if value is MISSING:
        raise EnvelopeError(f"{path} is missing")
    if not isinstance(value, kind):
        raise EnvelopeError(f"{path} is {type(value).__name__}, not {kind.__name__}")
    return value


def walk(envelope: Json, path: str) -> object:
    """Return whatever lies at a dotted path, MISSING where nothing does."""
    value: Any = envelope
    for name in _steps(path):
        if not isinstance(value, dict) or name not in value:
            return MISSING
        value = value[name]
    return value


@cache
def _steps(path: str) -> list[str]:
    return path.split(".")
