"""What the function makes of CloudWatch's events, and what it keeps of them."""

import json
from datetime import timedelta
from typing import Any, Final

import pytest

from functions.page_on_alarm.handler import handle
from functions.runtime.core.errors import MalformedError
from functions.runtime.envelopes.envelope import parse
from functions.runtime.patterns import pattern
from infra.declarations import loader
from tests.doubles import RecordingRun, run_handler
from tests.events import alarm_changed, body


def handled(event: dict[str, Any], run: RecordingRun | None = None) -> RecordingRun:
    """Return the run after the handler."""
    run = run or RecordingRun()
    run_handler(handle, parse(body(event)), run)
    return run


def test_an_incident_is_followed_from_event_to_event() -> None:
    """The state that the runtime keeps is JSON, and small; the times are those of the changes."""
    run = handled(alarm_changed("ALARM", "2026-11-12T09:00:00.500+0000"))
    run.state = json.loads(json.dumps(run.state))
    handled(alarm_changed("ALARM", "2026-11-12T09:14:59.000+0000"), run)
    handled(alarm_changed("OK", "2026-11-12T10:20:00.000+0100"), run)
    assert [title for _, title, _ in run.published] == ["ALARM: latency", "OK: latency, 1 flap"]
    assert all("Runbook: https://wiki.example.com/runbooks/latency\n" in text for _, _, text in run.published)
    assert len(json.dumps(run.state)) < 200


def test_a_flap_after_the_all_clear_asks_to_be_woken() -> None:
    """At the end of the quiet period, and of no other change: people know how it is."""
    run = handled(alarm_changed("ALARM", "2026-11-12T09:00:00.000+0000"))
    handled(alarm_changed("OK", "2026-11-12T09:02:00.000+0000"), run)
    assert run.asked is None
    handled(alarm_changed("ALARM", "2026-11-12T09:04:00.000+0000"), run)
    assert run.asked is not None
    assert run.asked[0] == timedelta(minutes=11)
    run.asked = None
    handled(alarm_changed("OK", "2026-11-12T09:06:00.000+0000"), run)
    assert run.asked is None


def test_the_quiet_period_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one minute, the second minute's ALARM is an incident of its own."""
    run = RecordingRun()
    monkeypatch.setattr(run, "settings", lambda kind: kind(quiet_minutes=1))
    handled(alarm_changed("ALARM", "2026-11-12T09:00:00.000+0000"), run)
    handled(alarm_changed("ALARM", "2026-11-12T09:01:00.000+0000"), run)
    assert len(run.published) == 2


def test_an_alarm_that_was_never_on_keeps_nothing() -> None:
    """Most alarms are OK from their first event on."""
    run = handled(alarm_changed("OK", "2026-11-12T09:00:00.500+0000"))
    assert (run.published, run.state) == ([], {})


MUTED: Final = {"mutedByArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm-mute-rule:deployment"}


@pytest.mark.parametrize(
    ("event", "runs"),
    [
        (alarm_changed("ALARM", "t"), True),
        (alarm_changed("OK", "t"), True),
        (alarm_changed("INSUFFICIENT_DATA", "t"), False),
        (alarm_changed("ALARM", "t", alarmName="herald-dev-notify"), False),
        (alarm_changed("ALARM", "t", alarmName="herald-prod-notify-dead-letters"), False),
        (alarm_changed("ALARM", "t", alarmName="TargetTracking-table/orders-AlarmHigh-3b2f0f5e"), False),
        (alarm_changed("ALARM", "t", alarmName="heralds of TargetTracking-"), True),
        (alarm_changed("ALARM", "t", muteDetail=MUTED), False),
        (alarm_changed("ALARM", "t", state={"value": "ALARM", "actionsSuppressedBy": "WaitPeriod"}), False),
        (alarm_changed("ALARM", "t") | {"detail-type": "CloudWatch Alarm Contributor State Change"}, False),
    ],
    ids=[
        "on",
        "off",
        "no data",
        "ours",
        "ours elsewhere",
        "scaling",
        "similar",
        "muted",
        "suppressed",
        "one of many series",
    ],
)
def test_what_is_silenced_or_says_nothing_does_not_run(event: dict[str, Any], runs: bool) -> None:  # noqa: FBT001 - a table
    """The pattern excludes muted alarms, Herald's own, those of target tracking, and what is neither ALARM nor OK."""
    (spec,) = [spec for spec in loader.load() if spec.name == "page_on_alarm"]
    assert (pattern.mismatch(spec.trigger.pattern, event) is None) is runs


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"resources": []}, "resources names no alarm, but 'aws.cloudwatch#"),
        ({"detail": {}}, "detail.alarmName is missing"),
        ({"detail": {"alarmName": "latency", "state": "ALARM"}}, "detail.state.value is missing"),
    ],
)
def test_an_event_that_breaks_its_contract_is_refused(changed: dict[str, Any], reason: str) -> None:
    """The error names the field, and no page is sent."""
    run = RecordingRun()
    with pytest.raises(MalformedError) as refused:
        handled(alarm_changed("ALARM", "2026-11-12T09:00:00.500+0000") | changed, run)
    assert str(refused.value).startswith(reason)
    assert (run.published, run.state) == ([], {})


@pytest.mark.parametrize(
    "detail",
    [
        {"alarmName": None, "configuration": 7},
        {"configuration": None},
        {"alarmTags": ["runbook"]},
        {"state": {"value": "BROKEN", "reason": "", "timestamp": "2026-11-12T09:00:00.500+0000"}},
        {"state": {"value": ["ALARM"], "reason": "", "timestamp": "2026-11-12T09:00:00.500+0000"}},
    ],
)
def test_fields_of_another_kind_are_refused(detail: dict[str, Any]) -> None:
    """The error names the field."""
    with pytest.raises(MalformedError, match=r"^detail\.(alarmName|configuration|alarmTags|state\.value) "):
        handled(alarm_changed("ALARM", "2026-11-12T09:00:00.500+0000", **detail))
