"""Ten events of an alarm, including duplicates, stale and invalid ones, and the end of a quiet period."""

from datetime import timedelta, timezone

import pytest
from rich.console import Console

from herald.investigate import why
from herald.terminal import rendering
from tests.emulator.deployed import Aws
from tests.emulator.functions.alarms import ALARM, changed
from tests.emulator.functions.reader import Reader
from tests.events import alarm_changed, body


@pytest.fixture(scope="module")
def notices(aws: Aws) -> Reader:
    """Subscribe to the topic that people read."""
    reader = Reader(aws, "business-notices")
    topic = aws.deployment.names["topic.notices"]
    aws.deployment.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=reader.arn)
    return reader


def test_an_alarm_that_flaps_is_told_once(aws: Aws, notices: Reader) -> None:
    """Of ten events, two page and two say that it is OK; copies, stale and broken ones change nothing.

    Nobody but AWS may put an event of `aws.cloudwatch` on a bus: they go into the queue, as the rule would send them.
    """
    first = changed("ALARM", 0)
    events = [
        first,
        first,
        changed("OK", 1),
        changed("ALARM", 2),
        changed("ALARM", 0.5),  # stale
        alarm_changed("ALARM", "half past nine", name="journey"),
        changed("OK", 3),
        changed("ALARM", 20),
        changed("ALARM", 21) | {"resources": []},
        changed("OK", 60, zone=timezone(timedelta(hours=1))),
    ]
    for event in events:
        aws.enqueue("page_on_alarm", body(event))
        aws.drain("page_on_alarm")
    told = notices.until(lambda notice: "journey" in notice["Subject"], 4)
    assert [notice["Subject"] for notice in told] == ["ALARM: journey", "OK: journey"] * 2
    assert "It had gone off once more since the last notice." in told[2]["Message"]
    assert all("Runbook: https://wiki.example.com/runbooks/latency\n" in notice["Message"] for notice in told)
    assert sorted(each["decision"] for each in aws.decisions(ALARM, runs=7)) == ["processed"] * 6 + ["stale"]
    (broken,) = aws.decisions("queue/page_on_alarm")
    assert broken["reason"].startswith("detail.state.timestamp is 'half past nine'")
    (nameless,) = aws.decisions(f"aws.cloudwatch#{events[8]['id']}")
    assert nameless["decision"] == "rejected"


def test_an_alarm_that_is_on_at_the_end_of_its_quiet_period_is_told(aws: Aws, notices: Reader) -> None:
    """The page was almost 15 minutes ago: a delayed message wakes the function seconds later, and `why` says so."""
    subject = ALARM.replace("journey", "quiet")
    for event in (changed("ALARM", -14.93, "quiet"), changed("OK", -13, "quiet"), changed("ALARM", -11, "quiet")):
        aws.enqueue("page_on_alarm", body(event))
        aws.drain("page_on_alarm")
    told = notices.until(lambda notice: "quiet" in notice["Subject"], 3)
    assert [notice["Subject"] for notice in told] == ["ALARM: quiet", "OK: quiet", "ALARM: quiet, still on"]
    *_, asking = aws.decisions(subject, runs=3, below=1)
    (wake,) = [effect for effect in asking["effects"] if effect["kind"] == "wake"]
    (woken,) = wake["decisions"]
    assert (woken["decision"], woken["event_type"], woken["event_id"]) == ("processed", "herald.wake", wake["id"])
    assert woken["cause"] == {"subject": subject, "function": "page_on_alarm", "event_id": asking["event_id"]}
    console = Console(width=200)
    with console.capture() as shown:
        console.print(rendering.answer(why.why(aws.deployment, subject)))
    assert f"asked to be woken at {wake['time']}" in shown.get()
