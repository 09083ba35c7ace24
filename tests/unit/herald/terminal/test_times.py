"""Times and durations as people read them."""

import pytest

from herald.terminal.times import ago, lasting, moment_of

DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        (-5_000, "0 s ago"),
        (999, "0 s ago"),
        (59_999, "59 s ago"),
        (60_000, "1 min ago"),
        (3_600_000, "1 h ago"),
        (3 * DAY_MS, "3 d ago"),
    ],
)
def test_an_age_is_in_the_largest_whole_unit(ms: int, expected: str) -> None:
    """A clock that is ahead makes no negative age."""
    assert ago(DAY_MS * 10 - ms, DAY_MS * 10) == expected


@pytest.mark.parametrize(
    ("ms", "expected"), [(0, "0 ms"), (999, "999 ms"), (1_250, "1.2 s"), (60_000, "1 min"), (DAY_MS, "1 d")]
)
def test_a_duration_has_a_unit(ms: int, expected: str) -> None:
    """Below a minute it is exact enough to compare."""
    assert lasting(ms) == expected


def test_a_time_is_in_utc() -> None:
    """To the second."""
    assert moment_of(1_795_867_140_999) == "2026-11-28 11:59:00"
