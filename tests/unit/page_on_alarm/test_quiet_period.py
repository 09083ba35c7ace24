"""What people are told at the end of a quiet period, played on the whole runtime: queue, ledger, wakes and clock."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.page_on_alarm.handler import handle
from functions.page_on_alarm.model import RUNBOOK_TAG
from functions.runtime.run import run as runs
from tests.events import alarm_changed, body
from tests.stage import Stage, install

BEGAN: Final = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
STATES: Final = {"A": "ALARM", "O": "OK"}


def changed(letter: str, minute: float, **detail: Any) -> str:  # noqa: ANN401 - fields of CloudWatch
    """Return the message of a change of state, by its first letter and the minute after nine."""
    at = BEGAN + timedelta(minutes=minute)
    event = alarm_changed(STATES[letter], at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000", **detail)
    return body(event | {"time": at.strftime("%Y-%m-%dT%H:%M:%SZ")})


class Phone:
    """The function on a stage; `told` are the notices, by their minute after nine and their title."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        """Begin at nine."""
        self.stage = install(Stage(handle.handler), patch, ORDER="newest", WAKES="true", TOPIC_NOTICES="notices")
        self.told: list[tuple[float, str]] = []
        self.texts: list[str] = []
        patch.setattr(runs, "send_notice", self.ring)
        self.wait(0)

    def ring(self, notice: Mapping[str, Any], _context: object) -> str:
        """Remember a notice."""
        self.told.append((self.minute, notice["title"]))
        self.texts.append(notice["text"])
        return "message"

    @property
    def minute(self) -> float:
        """How many minutes after nine it is."""
        return (self.stage.now / 1_000 - BEGAN.timestamp()) / 60

    def wait(self, minute: float) -> None:
        """Let time pass until so many minutes after nine, delivering each message when it is due."""
        until = round((BEGAN.timestamp() + minute * 60) * 1_000)
        while due := [message.visible_at for message in self.stage.queue.values() if message.visible_at <= until]:
            self.stage.now = max(self.stage.now, min(due))
            self.stage.deliver()
        self.stage.now = until

    def play(self, *changes: tuple[str, float], until: float) -> list[tuple[float, str]]:
        """Let the alarm change, and time pass; return what people were told."""
        for letter, minute in changes:
            self.wait(minute)
            self.stage.send(changed(letter, minute))
            self.stage.deliver()
        self.wait(until)
        return self.told


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    """Make one."""
    return Phone(monkeypatch)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [("A", 0), ("O", 2), ("A", 4)],
            [(0, "ALARM: latency"), (2, "OK: latency"), (15, "ALARM: latency, still on")],
            id="on at the end, for hours",
        ),
        pytest.param(
            [("A", 0), ("O", 2), ("A", 4), ("O", 6)],
            [(0, "ALARM: latency"), (2, "OK: latency")],
            id="off at the end, as people were told",
        ),
        pytest.param([("A", 0)], [(0, "ALARM: latency")], id="on all the time, as people were told"),
        pytest.param(
            [("A", 0), ("O", 2), ("A", 4), ("O", 40)],
            [(0, "ALARM: latency"), (2, "OK: latency"), (15, "ALARM: latency, still on"), (40, "OK: latency")],
            id="on at the end, then off",
        ),
        pytest.param(
            [("A", 0), ("O", 2), ("A", 4), ("O", 20), ("A", 22), ("O", 24), ("A", 26)],
            [
                (0, "ALARM: latency"),
                (2, "OK: latency"),
                (15, "ALARM: latency, still on"),
                (20, "OK: latency"),
                (30, "ALARM: latency, still on"),
            ],
            id="a second quiet period begins where the first ended",
        ),
        pytest.param(
            [("A", 0), ("O", 2), ("A", 14.99)],
            [(0, "ALARM: latency"), (2, "OK: latency"), (15, "ALARM: latency, still on")],
            id="just before the end",
        ),
    ],
)
def test_people_know_at_the_end_of_a_quiet_period(
    changes: list[tuple[str, float]], expected: list[tuple[float, str]], phone: Phone
) -> None:
    """The last notice says what the alarm's state is, and each quiet period has at most one at its end."""
    told = phone.play(*changes, until=600)
    assert [title for _, title in told] == [title for _, title in expected]
    assert [minute for minute, _ in told] == pytest.approx([minute for minute, _ in expected], abs=1.1 / 60)


def test_the_notice_says_since_when_and_how_often(phone: Phone) -> None:
    """The whole words, with the runbook of the last change."""
    phone.play(("A", 0), ("O", 2), ("A", 3), ("O", 3.5), ("A", 4), until=16)
    assert phone.texts[-1] == (
        "Still in ALARM since 2026-11-12 09:04:00 UTC: Threshold Crossed\n"
        "It went off 2 times more in the quiet period; no notice was sent for that.\n"
        "No notice is sent for ALARMs before 2026-11-12 09:30:00 UTC; they are counted.\n\n"
        "Runbook: https://wiki.example.com/runbooks/latency\n"
        "Alarm: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:latency\n"
        "Description: Slow. See https://wiki.example.com/runbooks/latency."
    )


def test_a_wake_that_comes_twice_tells_once(phone: Phone) -> None:
    """And one that comes again hours later tells nothing."""
    phone.play(("A", 0), ("O", 2), ("A", 4), until=5)
    (wake,) = [message.body for message in phone.stage.queue.values()]
    phone.stage.send(wake)
    phone.wait(20)
    phone.stage.send(wake)
    phone.wait(300)
    assert len(phone.told) == 3


def test_a_wake_that_comes_late_tells_how_it_is(phone: Phone) -> None:
    """The function was paused over the end of the quiet period: the wake is as late as that."""
    phone.play(("A", 0), ("O", 2), ("A", 4), until=5)
    for message in phone.stage.queue.values():
        message.visible_at += 3 * 3_600_000
    phone.wait(600)
    minute, title = phone.told[-1]
    assert title == "ALARM: latency, still on"
    assert minute == pytest.approx(195)


def test_a_wake_that_comes_after_the_next_change_tells_nothing(phone: Phone) -> None:
    """People are told OK by the change, and nothing older after it."""
    phone.play(("A", 0), ("O", 2), ("A", 4), until=5)
    for message in phone.stage.queue.values():
        message.visible_at += 30 * 60_000
    phone.play(("O", 20), until=600)
    assert [title for _, title in phone.told] == ["ALARM: latency", "OK: latency", "OK: latency, 1 flap"]


def test_changes_that_come_out_of_order_tell_the_last_state(phone: Phone) -> None:
    """The OK of 09:06 comes before the ALARM of 09:04, which is stale: nobody is told that it is on."""
    phone.play(("A", 0), ("O", 2), until=7)
    phone.stage.send(changed("O", 6))
    phone.stage.deliver()
    phone.stage.send(changed("A", 4))
    phone.wait(600)
    assert [title for _, title in phone.told] == ["ALARM: latency", "OK: latency"]


def test_what_was_kept_before_a_deployment_is_read_after_it(phone: Phone) -> None:
    """The state of an incident has the form that it had when nobody was woken."""
    phone.play(("A", 0), ("O", 2), until=3)
    (state,) = [item["state"]["S"] for item in phone.stage.table.items.values() if "state" in item]
    assert json.loads(state).keys() == {"paged_at", "flaps", "open", "told_ok"}


def test_a_wake_fits_whatever_cloudwatch_says(phone: Phone) -> None:
    """Descriptions, reasons and tags at their limits, in characters of four bytes."""
    long: dict[str, Any] = {
        "configuration": {"description": "😀" * 1_024},
        "alarmTags": {f"tag-{n}": "😀" * 256 for n in range(49)} | {RUNBOOK_TAG: "https://example.com/" + "r" * 236},
    }
    phone.play(("A", 0), ("O", 2), until=4)
    at = "2026-11-12T09:04:00.000+0000"
    state = {"value": "ALARM", "reason": "😀" * 1_023, "timestamp": at}
    phone.stage.send(changed("A", 4, state=state, **long))
    phone.wait(600)
    assert phone.told[-1][1] == "ALARM: latency, still on"
    assert "Runbook: https://example.com/rrr" in phone.texts[-1]


def test_a_wake_of_another_form_is_refused(phone: Phone) -> None:
    """A wake of another version of the function is dead-lettered with the missing field, and no page is sent."""
    phone.play(("A", 0), ("O", 2), ("A", 4), until=5)
    (wake,) = phone.stage.queue.values()
    wake.body = json.dumps(json.loads(wake.body) | {"data": {"name": "latency"}})
    phone.wait(600)
    assert [dead_letter["reason"] for dead_letter in phone.stage.dead_letters()] == ["data.state is missing"]


@given(st.lists(st.tuples(st.sampled_from("AO"), st.integers(1, 12)), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_however_it_flaps_the_last_notice_is_true(steps: list[tuple[str, int]]) -> None:
    """In the end people know its state; notices of ALARM keep their distance, and each has at most two of OK."""
    with pytest.MonkeyPatch.context() as patch:
        phone = Phone(patch)
        minute, changes = 0, []
        for letter, pause in steps:
            minute += pause
            changes.append((letter, float(minute)))
        told = phone.play(*changes, until=minute + 60)
    state = {"A": "ALARM", "O": "OK"}[steps[-1][0]]
    assert (told[-1][1] if told else "OK").startswith(state)
    pages = [at for at, title in told if title.startswith("ALARM")]
    assert all(later - earlier > 15 - 1.1 / 60 for earlier, later in pairwise(pages))
    for number, begun in enumerate(pages):
        ended = [*pages, minute + 61][number + 1]
        assert sum(1 for at, title in told if title.startswith("OK") and begun <= at < ended) <= 2
