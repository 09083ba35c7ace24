"""Times and durations for people."""

from datetime import UTC, datetime
from typing import Final

UNITS: Final = (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000))


def moment_of(ms: int) -> str:
    """Return a time in ms since the epoch as UTC, to the second."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"


def ago(ms: int, now: int) -> str:
    """Return how long ago a time was, such as `3 min ago`; clocks of other machines may be ahead."""
    return f"{_whole(max(0, now - ms))} ago"


def lasting(ms: int) -> str:
    """Return a duration: `12 ms`, `1.2 s`, `3 min`, `2 h` or `5 d`."""
    if ms < 1_000:
        return f"{ms} ms"
    return f"{ms / 1_000:.1f} s" if ms < 60_000 else _whole(ms)


def _whole(ms: int) -> str:
    unit, length = next(((unit, length) for unit, length in UNITS if ms >= length), UNITS[-1])
    return f"{ms // length} {unit}"
