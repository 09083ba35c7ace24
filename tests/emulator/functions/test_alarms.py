"""Ten events of an alarm, including duplicates, stale and invalid ones, and the end of a quiet period."""

from datetime import timedelta, timezone

import pytest
from rich.console import Console

from herald.investigate import why
from herald.terminal import rendering
from tests.emulator.functions.alarms import ALARM, changed
from tests.emulator.functions.reader import Reader
from tests.emulator.support.deployed import Aws
from tests.events import alarm_changed, body


@pytest.fixture(scope="module")
def notices(aws: Aws) -> Reader:
    """Subscribe a queue to the topic for notices."""
    reader = Reader(aws, "business-notices")
    topic = aws.deployment.names["topic.notices"]
    aws.deployment.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=reader.arn)
    return reader


def test_a_flapping_alarm_causes_few_notices(aws: Aws, notices: Reader) -> None:
    """Ten events cause two ALARM and two OK notices; duplicates, stale and invalid events change nothing.

    Events from `aws.cloudwatch` cannot be put on a bus: the test puts them into the queue, as the rule does.
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
    received = notices.until(lambda notice: "journey" in notice["Subject"], 4)
    assert [notice["Subject"] for notice in received] == ["ALARM: journey", "OK: journey"] * 2
    assert "It had gone off once more since the last notice." in received[2]["Message"]
    assert all("Runbook: https://wiki.example.com/runbooks/latency\n" in notice["Message"] for notice in received)
    assert sorted(each["decision"] for each in aws.decisions(ALARM, runs=7)) == ["processed"] * 6 + ["stale"]
    (invalid,) = aws.decisions("queue/page_on_alarm")
    assert invalid["reason"].startswith("detail.state.timestamp is not an ISO 8601 time")
    (nameless,) = aws.decisions(f"aws.cloudwatch#{events[8]['id']}")
    assert nameless["decision"] == "rejected"


def test_an_alarm_that_is_on_after_its_quiet_period_causes_a_notice(aws: Aws, notices: Reader) -> None:
    """The last notice is almost 15 minutes old: a delayed message wakes the function, and `why` shows the wake."""
    subject = ALARM.replace("journey", "quiet")
    for event in (changed("ALARM", -14.93, "quiet"), changed("OK", -13, "quiet"), changed("ALARM", -11, "quiet")):
        aws.enqueue("page_on_alarm", body(event))
        aws.drain("page_on_alarm")
    received = notices.until(lambda notice: "quiet" in notice["Subject"], 3)
    assert [notice["Subject"] for notice in received] == ["ALARM: quiet", "OK: quiet", "ALARM: quiet, still on"]
    *_, asking = aws.decisions(subject, runs=3, below=1)
    (wake,) = [effect for effect in asking["effects"] if effect["kind"] == "wake"]
    (woken,) = wake["decisions"]
    assert (woken["decision"], woken["event_type"], woken["event_id"]) == ("processed", "herald.wake", wake["id"])
    assert woken["cause"] == {"subject": subject, "function": "page_on_alarm", "event_id": asking["event_id"]}
    console = Console(width=200)
    with console.capture() as shown:
        console.print(rendering.answer(why.why(aws.deployment, subject)))
    assert f"asked to be woken at {wake['time']}" in shown.get()
