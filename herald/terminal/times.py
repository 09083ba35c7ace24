"""Times and durations for people."""

from datetime import UTC, datetime
from typing import Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
UNITS: Final = (("d", 24 * HOUR), ("h", HOUR), ("min", MINUTE), ("s", SECOND))


def moment_of(ms: int) -> str:
    """Return a time in ms since the epoch as UTC, to the second."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"


def ago(ms: int, now: int) -> str:
    """Return how long ago a time was, such as `3 min ago`; clocks of other machines may be ahead."""
    return f"{_whole(max(0, now - ms))} ago"


def lasting(ms: int) -> str:
    """Return a duration: `12 ms`, `1.2 s`, `3 min`, `2 h` or `5 d`."""
    if ms < SECOND:
        return f"{ms} ms"
    return f"{ms / SECOND:.1f} s" if ms < MINUTE else _whole(ms)


def _whole(ms: int) -> str:
    unit, length = next(((unit, length) for unit, length in UNITS if ms >= length), UNITS[-1])
    return f"{ms // length} {unit}"
