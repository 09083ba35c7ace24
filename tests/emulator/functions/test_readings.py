"""What devices publish on its way: AWS IoT's rule, the queue, the function, the bus; good readings and rubbish."""

import json
import time
from collections import Counter
from typing import Any, Final

from herald.dead_letters.letters import Filter, read, redrive
from herald.deployment.queues import Pace
from herald.local import emulator
from tests.emulator.conftest import Aws, Watched

TAKEN_AT: Final = 1_794_441_600
FLOOD: Final = 600
BEHIND_SECONDS: Final = 8  # as long again the flood waits: ten workers reach its end meanwhile, on a busy machine too


def pack(number: float, taken_at: int = TAKEN_AT) -> bytes:
    """Return a SenML pack with one temperature in °F."""
    return json.dumps([{"bt": taken_at, "n": "temperature", "u": "[degF]", "v": number}]).encode()


def publish(aws: Aws, device: str, *payloads: bytes) -> str:
    """Publish as a device does; return its subject."""
    data = aws.deployment.client("iot-data")
    for payload in payloads:
        data.publish(topic=f"devices/{device}/readings", qos=1, payload=payload)
    return f"device/{device}"


def letters(aws: Aws, count: int) -> list[dict[str, Any]]:
    """Take so many dead letters of the function; return what each says of itself."""
    sqs, url = aws.deployment.client("sqs"), aws.deployment.queues["ingest_readings"]["dead_letters"]
    said: list[dict[str, Any]] = []

    def arrived() -> bool:
        reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        for message in reply.get("Messages", []):
            said.append(json.loads(message["MessageAttributes"]["herald"]["StringValue"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(said) >= count

    emulator.wait_until(arrived, 30)
    return said


def test_ten_messages_of_a_device_are_each_accounted_for(aws: Aws) -> None:
    """Four readings, three of them sent again, and three that are none: four runs act, three lie among the dead."""
    good = [pack(50.0 + number, TAKEN_AT + number) for number in range(4)]
    bad = [b"\xff\x00 not JSON", b'{"temperature": 71.6}', b'[{"bt": 1794441600, "n": "temperature", "v": "warm"}]']
    subject = publish(aws, "greenhouse-7", *good, *good[:3], *bad)
    decisions = aws.decisions(subject, runs=7)
    assert Counter(each["decision"] for each in decisions) == {"processed": 4, "rejected": 3}
    assert Counter(each["reason"] for each in decisions if each["decision"] == "rejected") == {
        "the message is not JSON": 1,
        "payload is not a SenML pack: a JSON array of records": 1,
        "payload has no measurement: payload[0].v is 'warm'": 1,
    }
    effects = [effect for each in decisions for effect in each["effects"]]
    assert [(effect["kind"], effect["type"], effect["subject"]) for effect in effects] == [
        ("event", "reading.taken", subject)
    ] * 4
    assert {letter["subject"] for letter in letters(aws, 3)} == {subject}


def test_a_reading_is_told_on_the_bus_in_a_unit_of_one_kind(aws: Aws) -> None:
    """Whoever has a rule for reading.taken gets it, with its device, its time and its cause."""
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
    told = json.loads(message["Body"])["detail"]
    taken_at = "2026-11-12T00:00:00.000+00:00"
    measured = {"metric": "temperature", "value": 22.0, "unit": "Cel", "taken_at": taken_at}
    assert told["data"] == {"device": "silo-3", "taken_at": taken_at, "measurements": [measured]}
    assert (told["subject"], told["causationid"]) == (subject, decision["event_id"])
    assert decision["why"]["pattern"] == {"topic": ["devices/+/readings"]}


def test_other_topics_run_nothing(aws: Aws) -> None:
    """What no filter matches is nobody's; the message after it, which one does, is processed."""
    aws.deployment.client("iot-data").publish(topic="devices/silo-4/alarms", qos=1, payload=pack(1))
    (decision,) = aws.decisions(publish(aws, "silo-4", pack(2)))
    assert decision["decision"] == "processed"


def test_a_flood_of_one_device_does_not_hold_up_the_others(aws: Aws) -> None:
    """All of it came before them, and they are handled before two thirds of it are; none of it is lost."""
    aws.deployment.switch("ingest_readings", on=False)
    try:
        flood = publish(aws, "silo-6", *(pack(50, TAKEN_AT + number) for number in range(FLOOD)))
        quiet = [publish(aws, f"shed-{number}", pack(50)) for number in range(5)]
        behind = time.monotonic() + BEHIND_SECONDS
        assert emulator.wait_until(lambda: time.monotonic() > behind, 2 * BEHIND_SECONDS), "or nobody waits"
    finally:
        aws.deployment.switch("ingest_readings", on=True)
    rows: list[Any] = []

    def handled() -> bool:
        rows[:] = [row for subject in (flood, *quiet) for row in Watched(aws.deployment).rows(subject)]
        return len(rows) == FLOOD + len(quiet) and all(row["status"] == "COMPLETED" for row in rows)

    assert emulator.wait_until(handled, 120)
    last = max(row["claimed_at"] for row in rows if row["pk"] != flood)
    assert sum(row["claimed_at"] < last for row in rows if row["pk"] == flood) < FLOOD * 2 / 3


def test_what_a_rule_cannot_send_goes_to_its_function_later(aws: Aws) -> None:
    """Its error action leaves AWS IoT's document among the undelivered; redriven, it is the reading it was to be."""
    client, name = aws.deployment.client("iot"), "herald_dev_ingest_readings"
    rule = client.get_topic_rule(ruleName=name)["rule"]
    payload = {each: rule[each] for each in ("sql", "awsIotSqlVersion", "actions", "errorAction")}
    gone = [{"sqs": action["sqs"] | {"queueUrl": f"{action['sqs']['queueUrl']}-gone"}} for action in rule["actions"]]
    try:
        client.replace_topic_rule(ruleName=name, topicRulePayload=payload | {"actions": gone})
        subject = publish(aws, "silo-5", pack(3))
    finally:
        client.replace_topic_rule(ruleName=name, topicRulePayload=payload)
    wanted = Filter(function="ingest_readings", subject=subject)
    assert emulator.wait_until(lambda: bool(read(aws.deployment, wanted)), 10)
    (letter,) = read(aws.deployment, wanted)
    assert letter.place == "undelivered"
    assert "does not exist" in letter.reason
    moved = redrive(aws.deployment, wanted, force=False, pace=Pace(None), progress=lambda _count: None)
    assert (moved.moved, moved.failed) == (1, 0)
    (decision,) = aws.decisions(subject)
    assert (decision["decision"], decision["attempt"]) == ("processed", 1)
