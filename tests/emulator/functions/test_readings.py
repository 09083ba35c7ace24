"""Device messages pass the AWS IoT rule, the queue, the function and the bus; invalid ones are rejected."""

import json
import time
from collections import Counter
from typing import Any, Final

from herald.dead_letters.listing import Filter, read
from herald.dead_letters.redrive import redrive
from herald.deployment import switch
from herald.deployment.queues import Pace
from herald.local import emulator
from tests.emulator.support.deployed import Aws
from tests.emulator.support.iot import TAKEN_AT, pack, publish, unreachable_queue

FLOOD: Final = 600
BEHIND_SECONDS: Final = 8  # enough for ten workers to reach the end of the queue, also on a busy machine


def dead_letters(aws: Aws, count: int) -> list[dict[str, Any]]:
    """Receive and delete dead letters of the function; return their attributes."""
    sqs, url = aws.deployment.client("sqs"), aws.deployment.queues["ingest_readings"]["dead_letters"]
    found: list[dict[str, Any]] = []

    def arrived() -> bool:
        reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        for message in reply.get("Messages", []):
            found.append(json.loads(message["MessageAttributes"]["herald"]["StringValue"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(found) >= count

    emulator.wait_until(arrived, 30)
    return found


def test_ten_messages_of_a_device_are_each_accounted_for(aws: Aws) -> None:
    """Four readings, three of them sent twice, and three invalid messages: four are processed, three are rejected."""
    good = [pack(50.0 + number, TAKEN_AT + number) for number in range(4)]
    bad = [b"\xff\x00 not JSON", b'{"temperature": 71.6}', b'[{"bt": 1794441600, "n": "temperature", "v": "warm"}]']
    subject = publish(aws, "greenhouse-7", *good, *good[:3], *bad)
    decisions = aws.decisions(subject, runs=7)
    assert Counter(each["decision"] for each in decisions) == {"processed": 4, "rejected": 3}
    assert Counter(each["reason"] for each in decisions if each["decision"] == "rejected") == {
        "the message is not JSON": 1,
        "payload is not a SenML pack: a JSON array of records": 1,
        "payload has no measurement: payload[0].v is str": 1,
    }
    effects = [effect for each in decisions for effect in each["effects"]]
    assert [(effect["kind"], effect["type"], effect["subject"]) for effect in effects] == [
        ("event", "reading.taken", subject)
    ] * 4
    assert {dead_letter["subject"] for dead_letter in dead_letters(aws, 3)} == {subject}


def test_a_reading_is_an_event_on_the_bus_in_a_standard_unit(aws: Aws) -> None:
    """A rule for reading.taken receives the event with its device, time and cause."""
    sqs, events = aws.deployment.client("sqs"), aws.deployment.client("events")
    queue = sqs.create_queue(QueueName="readings-reader")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = aws.deployment.outputs["Bus"]
    pattern = json.dumps({"detail-type": ["reading.taken"], "detail": {"subject": ["device/silo-3"]}})
    events.put_rule(Name="readings", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="readings", EventBusName=bus, Targets=[{"Id": "reader", "Arn": arn}])
    subject = publish(aws, "silo-3", pack(71.6))
    (decision,) = aws.decisions(subject)
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    event = json.loads(message["Body"])["detail"]
    taken_at = "2026-11-12T00:00:00.000+00:00"
    measured = {"metric": "temperature", "value": 22.0, "unit": "Cel", "taken_at": taken_at}
    assert event["data"] == {"device": "silo-3", "taken_at": taken_at, "measurements": [measured]}
    assert (event["subject"], event["causationid"]) == (subject, decision["event_id"])
    assert decision["why"]["pattern"] == {"topic": ["devices/+/readings"]}


def test_other_topics_run_nothing(aws: Aws) -> None:
    """A message on another topic runs no function; the next message, on a declared topic, is processed."""
    aws.deployment.client("iot-data").publish(topic="devices/silo-4/alarms", qos=1, payload=pack(1))
    (decision,) = aws.decisions(publish(aws, "silo-4", pack(2)))
    assert decision["decision"] == "processed"


def test_many_messages_of_one_device_do_not_delay_other_devices(aws: Aws) -> None:
    """Messages of other devices run before two thirds of the earlier messages of one device; none is lost."""
    switch.pause(aws.deployment, "ingest_readings")
    try:
        flood = publish(aws, "silo-6", *(pack(50, TAKEN_AT + number) for number in range(FLOOD)))
        quiet = [publish(aws, f"shed-{number}", pack(50)) for number in range(5)]
        behind = time.monotonic() + BEHIND_SECONDS
        assert emulator.wait_until(lambda: time.monotonic() > behind, 2 * BEHIND_SECONDS), "the queue is not old enough"
    finally:
        switch.resume(aws.deployment, "ingest_readings")
    rows: list[Any] = []

    def handled() -> bool:
        rows[:] = [row for subject in (flood, *quiet) for row in aws.history().rows(subject)]
        return len(rows) == FLOOD + len(quiet) and all(row["status"] == "COMPLETED" for row in rows)

    assert emulator.wait_until(handled, 120)
    last = max(row["claimed_at"] for row in rows if row["pk"] != flood)
    assert sum(row["claimed_at"] < last for row in rows if row["pk"] == flood) < FLOOD * 2 / 3


def test_a_message_that_a_rule_could_not_send_is_redriven_to_its_function(aws: Aws) -> None:
    """The error action sends a message to the queue `undelivered`; after a redrive the reading is processed."""
    with unreachable_queue(aws):
        subject = publish(aws, "silo-5", pack(3))
    wanted = Filter(function="ingest_readings", subject=subject)
    assert emulator.wait_until(lambda: bool(read(aws.deployment, wanted)), 10)
    (dead_letter,) = read(aws.deployment, wanted)
    assert dead_letter.queue == "undelivered"
    assert "does not exist" in dead_letter.reason
    moved = redrive(aws.deployment, wanted, force=False, pace=Pace(None), progress=lambda _count: None)
    assert (moved.moved, moved.failed) == (1, 0)
    (decision,) = aws.decisions(subject)
    assert (decision["decision"], decision["attempt"]) == ("processed", 1)
