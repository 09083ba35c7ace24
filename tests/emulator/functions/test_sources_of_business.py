"""Alarms, stock levels and customers, ten events each, of which some are duplicates, malformed or stale."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Final

import pytest
from rich.console import Console

from herald.investigate import why
from herald.local import emulator
from herald.terminal import rendering
from tests.emulator.conftest import DECIDED_SECONDS, Aws
from tests.events import alarm_changed, body, cloud_event

EMITTED: Final = ("purchase.requested", "customer.onboarded")
ALARM: Final = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:journey"
STOCK: Final = {"sku": "journey", "level": 60, "low_mark": 50, "refill_mark": 200, "pack_size": 25}
NAME, EMAIL = "Jöurney Contact", "journey@example.com"
CUSTOMER: Final = {"id": "journey", "name": NAME, "email": EMAIL, "created_at": "2026-11-12T09:00:00Z"}


class Reader:
    """A queue of a test's own, in which everything is kept that it was ever sent."""

    def __init__(self, aws: Aws, name: str) -> None:
        """Create it."""
        self._sqs = aws.deployment.client("sqs")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        names = ["QueueArn"]
        self.arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]["QueueArn"]
        self.read: list[dict[str, Any]] = []

    def until(self, wanted: Callable[[dict[str, Any]], bool], count: int) -> list[dict[str, Any]]:
        """Return what is wanted of the messages, as soon as there are so many."""

        def arrived() -> bool:
            messages = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                self.read.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            return not messages and len([each for each in self.read if wanted(each)]) >= count

        assert emulator.wait_until(arrived, DECIDED_SECONDS), self.read
        return [each for each in self.read if wanted(each)]


@pytest.fixture(scope="module")
def notices(aws: Aws) -> Reader:
    """Subscribe to the topic that people read."""
    reader = Reader(aws, "business-notices")
    topic = aws.deployment.names["topic.notices"]
    aws.deployment.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=reader.arn)
    return reader


@pytest.fixture(scope="module")
def emitted(aws: Aws) -> Iterator[Reader]:
    """Listen on the bus for what the functions emit."""
    reader, events, bus = Reader(aws, "business-events"), aws.deployment.client("events"), aws.deployment.outputs["Bus"]
    pattern = json.dumps({"detail-type": EMITTED})
    events.put_rule(Name="business", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="business", EventBusName=bus, Targets=[{"Id": "reader", "Arn": reader.arn}])
    yield reader
    events.remove_targets(Rule="business", EventBusName=bus, Ids=["reader"])
    events.delete_rule(Name="business", EventBusName=bus)


def send(aws: Aws, function: str, events: Sequence[Mapping[str, Any]]) -> None:
    """Put CloudEvents on the bus, one after the other, each when the function is done with the one before.

    What the local bus has answered for lies in the queues: a queue that is empty then has been emptied.
    """
    for event in events:
        detail = event["detail"]
        entry = {"Source": detail["source"], "DetailType": detail["type"], "Detail": json.dumps(detail)}
        reply = aws.deployment.client("events").put_events(
            Entries=[entry | {"EventBusName": aws.deployment.outputs["Bus"]}]
        )
        assert not reply["FailedEntryCount"]
        aws.drain(function)


def decided(aws: Aws, subject: str, runs: int) -> list[str]:
    """Return the decisions about a subject in the order in which they were first claimed."""
    return [each["decision"] for each in aws.decisions(subject, runs=runs)]


def changed(state: str, minutes: float, name: str = "journey", zone: tzinfo = UTC) -> dict[str, Any]:
    """Return the event of an alarm that changed so many minutes from now."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    event = alarm_changed(state, at.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S.000%z"), name=name)
    return event | {"time": at.strftime("%Y-%m-%dT%H:%M:%SZ")}


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
    assert sorted(decided(aws, ALARM, 7)) == ["processed"] * 6 + ["stale"]
    (broken,) = aws.decisions("queue/page_on_alarm")
    assert broken["reason"].startswith("detail.state.timestamp is 'half past nine'")
    assert decided(aws, f"aws.cloudwatch#{events[8]['id']}", 1) == ["rejected"]


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


def level(number: int | None, units: Any, **record: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the event
    """Return the event of a level."""
    data = STOCK | {"level": units} | record
    sequence = None if number is None else f"{number:06}"
    return cloud_event(
        source="warehouse",
        type="stock.level_changed",
        subject=f"item/{data['sku']}",
        sequence=sequence,
        data=data,
    )


def test_an_item_is_requested_once_a_breach(aws: Aws, emitted: Reader) -> None:
    """Of ten events, two fall below the low mark with a refill between them."""
    breach = level(2, 37)
    unordered = level(None, 10)
    events = [
        level(1, 60),
        breach,
        breach,
        level(4, 30),
        level(3, 45),  # stale
        level(5, "many"),
        unordered,
        level(6, 212),
        level(7, 49),
        level(1, 0, sku="journey-never", low_mark=0),
    ]
    send(aws, "replenish_stock", events)
    asked = emitted.until(lambda event: event["detail-type"] == "purchase.requested", 2)
    assert [(event["detail"]["data"]["level"], event["detail"]["data"]["quantity"]) for event in asked] == [
        (37, 175),
        (49, 175),
    ]
    assert sorted(decided(aws, "item/journey", 7)) == ["processed"] * 5 + ["rejected", "stale"]
    (broken,) = aws.decisions("queue/replenish_stock")
    assert broken["reason"].startswith("stock.level_changed has no sequence")
    assert aws.decisions("item/journey-never", runs=0) == []


def created(source: str = "crm", **data: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the event
    """Return the event of a new customer, with an id of its own and no sequence."""
    customer = CUSTOMER | data
    return cloud_event(source=source, subject=f"customer/{customer['id']}", data=customer)


def test_a_customer_is_welcomed_once(aws: Aws, emitted: Reader) -> None:
    """Of ten events about three customers, two make a checklist; nothing personal stands in a log or in the ledger."""
    first = created()
    renamed = created(id="journey-2")
    renamed["detail"]["subject"] = "customer/journey-3"
    events = [
        first,
        first,
        created(),
        created(company="Example Ltd", name="Jöurney Successor"),
        created("herald.receive_webhook"),
        created(email=f"{NAME} at home", id="journey-3"),
        renamed,
        created(created_at=EMAIL, id="journey-3"),
        created(id="journey-2"),
        created(id="journey-2"),
    ]
    send(aws, "onboard_customer", events)
    welcomed = emitted.until(lambda event: event["detail-type"] == "customer.onboarded", 2)
    assert [event["detail"]["data"]["id"] for event in welcomed] == ["journey", "journey-2"]
    assert decided(aws, "customer/journey", 4) == ["processed"] * 4
    assert decided(aws, "customer/journey-2", 2) == ["processed"] * 2
    assert decided(aws, "customer/journey-3", 3) == ["rejected"] * 3
    s3, bucket = aws.deployment.client("s3"), aws.deployment.bucket("artifacts")
    versions = s3.list_object_versions(Bucket=bucket, Prefix="onboarding/journey")["Versions"]
    assert [each["Key"] for each in versions] == ["onboarding/journey-2.json", "onboarding/journey.json"]
    checklist = json.loads(s3.get_object(Bucket=bucket, Key="onboarding/journey.json")["Body"].read())
    assert checklist["contact"] == {"name": NAME, "email": EMAIL}
    assert personal(aws) == []


def personal(aws: Aws) -> list[str]:
    """Return what the ledger and the function's log hold that is personal; AssertionError where one says nothing."""
    table = aws.deployment.outputs["Ledger"]
    rows = [
        str(item)
        for page in aws.deployment.client("dynamodb").get_paginator("scan").paginate(TableName=table)
        for item in page["Items"]
    ]
    group = "/aws/lambda/herald-dev-onboard_customer"
    lines = [
        event["message"] for event in aws.deployment.client("logs").filter_log_events(logGroupName=group)["events"]
    ]
    assert any("customer/journey" in row for row in rows)
    assert any("customer/journey" in line for line in lines)
    return [text for text in [*rows, *lines] if any(word in text for word in (EMAIL, "urney Contact", "Successor"))]
