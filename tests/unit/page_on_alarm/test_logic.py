"""When people are told of an alarm, played as changes of state and the minute they come in."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.page_on_alarm.logic import NO_RUNBOOK, Notice, follow, runbook
from functions.page_on_alarm.model import Incident, StateChange

QUIET = timedelta(minutes=15)
BEGAN = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
LETTERS = {"A": "ALARM", "O": "OK", "I": "INSUFFICIENT_DATA"}


def change(letter: str, minute: int = 0, **fields: object) -> StateChange:
    """Return a change of state by its first letter."""
    values: dict[str, object] = {
        "alarm": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:latency",
        "name": "latency",
        "state": LETTERS[letter],
        "at": BEGAN + timedelta(minutes=minute),
        "reason": "Threshold Crossed",
        "description": "",
        "tags": {},
    }
    return StateChange(**(values | fields))  # type: ignore[arg-type] # the values have the fields' types


def play(*changes: tuple[str, int]) -> list[Notice | None]:
    """Return the notice that each change led to; what is kept between them goes through JSON's shape and back."""
    incident: Incident | None = None
    told = []
    for letter, minute in changes:
        incident, notice = follow(incident, change(letter, minute), quiet=QUIET)
        incident = Incident.from_state(incident.as_state()) if incident else None
        told.append(notice)
    return told


def titles(*changes: tuple[str, int]) -> list[str | None]:
    """Return the titles of those notices."""
    return [notice.title if notice else None for notice in play(*changes)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([("A", 0), ("O", 40)], ["ALARM: latency", "OK: latency"], id="on and off"),
        pytest.param([("O", 0), ("I", 1), ("O", 2)], [None, None, None], id="never on"),
        pytest.param(
            [("A", 0), ("O", 1), ("A", 2), ("O", 3), ("A", 14), ("O", 14)],
            ["ALARM: latency", "OK: latency", None, None, None, None],
            id="flaps within the quiet period are one incident",
        ),
        pytest.param(
            [("A", 0), ("I", 2), ("A", 4), ("I", 6), ("A", 8), ("O", 9)],
            ["ALARM: latency", None, None, None, None, "OK: latency, 2 flaps"],
            id="missing data keeps the incident open",
        ),
        pytest.param([("A", 0), ("A", 5), ("O", 6)], ["ALARM: latency", None, "OK: latency, 1 flap"], id="one flap"),
        pytest.param(
            [("A", 0), ("O", 1), ("A", 15), ("O", 16)],
            ["ALARM: latency", "OK: latency", "ALARM: latency", "OK: latency"],
            id="an alarm after the quiet period is a new incident",
        ),
        pytest.param(
            [("A", 0), ("O", 1), ("A", 2), ("O", 60)],
            ["ALARM: latency", "OK: latency", None, "OK: latency, 1 flap"],
            id="a flap that lasted is told when it is over",
        ),
        pytest.param(
            [("A", 0), ("A", 60), ("O", 61)],
            ["ALARM: latency", "ALARM: latency", "OK: latency"],
            id="an alarm whose OK was missed is heard again",
        ),
        pytest.param([("A", 0), ("O", 1), ("O", 2)], ["ALARM: latency", "OK: latency", None], id="OK is told once"),
    ],
)
def test_people_are_told_once_per_incident(changes: list[tuple[str, int]], expected: list[str | None]) -> None:
    """One page, one OK, and what happens in between is counted."""
    assert titles(*changes) == expected


def test_a_page_says_what_was_counted_before() -> None:
    """Flaps that no OK told of are not lost; those that one told of are not told again."""
    *_, untold = play(("A", 0), ("O", 1), ("A", 2), ("O", 3), ("A", 4), ("O", 5), ("A", 30))
    *_, told = play(("A", 0), ("A", 1), ("O", 2), ("A", 30))
    assert untold is not None
    assert "It had gone off 2 times more since the last notice." in untold.text
    assert told is not None
    assert "gone off" not in told.text


def test_notices_say_when_why_and_for_how_long_nobody_is_told() -> None:
    """The whole words, as people get them."""
    page, _, all_clear = play(("A", 0), ("A", 1), ("O", 2))
    about = f"\n\nRunbook: {NO_RUNBOOK}\nAlarm: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:latency"
    quiet = "\nNo notice is sent for ALARMs before 2026-11-12 09:15:00 UTC; they are counted."
    assert page is not None
    assert page.text == f"In ALARM since 2026-11-12 09:00:00 UTC: Threshold Crossed{quiet}{about}"
    assert all_clear is not None
    assert all_clear.text == (
        "OK since 2026-11-12 09:02:00 UTC: Threshold Crossed\nIt went off at 2026-11-12 09:00:00 UTC."
        f"\nIt went off once more; no notice was sent for that.{quiet}{about}"
    )


@pytest.mark.parametrize(
    ("description", "tags", "expected"),
    [
        ("", {}, None),
        ("Somebody knows", {"team": "https://example.com/team"}, None),
        ("See https://wiki.example.com/r/1?a=b#c, then call", {}, "https://wiki.example.com/r/1?a=b#c"),
        ("[runbook](http://wiki.example.com/r).", {}, "http://wiki.example.com/r"),
        ("https://a.example https://b.example", {}, "https://a.example"),
        ("https://a.example", {"runbook": "https://tag.example/r"}, "https://tag.example/r"),
        ("https://a.example", {"runbook": "ask the team"}, "https://a.example"),
    ],
)
def test_the_runbook_is_the_tags_or_the_first_url_of_the_description(
    description: str, tags: dict[str, str], expected: str | None
) -> None:
    """Without the punctuation around it."""
    assert runbook(change("A", description=description, tags=tags)) == expected


@given(st.lists(st.tuples(st.sampled_from("AOI"), st.integers(1, 12)), max_size=30))
def test_however_it_flaps_pages_keep_their_distance(steps: list[tuple[str, int]]) -> None:
    """Never two pages within a quiet period, never an OK without a page, and at most two of those a page."""
    minute, changes = 0, []
    for letter, pause in steps:
        minute += pause
        changes.append((letter, minute))
    told = [(notice.title[0], changes[place][1]) for place, notice in enumerate(play(*changes)) if notice]
    pages = [at for letter, at in told if letter == "A"]
    assert all(later - earlier >= 15 for earlier, later in pairwise(pages))
    for number, begun in enumerate(pages):
        ended = [*pages, minute + 1][number + 1]
        assert sum(1 for letter, at in told if letter == "O" and begun <= at < ended) <= 2
    assert not told or told[0][0] == "A"
