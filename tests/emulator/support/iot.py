"""Devices that publish readings, and a rule of AWS IoT that cannot reach its queue."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.emulator.support.deployed import Aws

TAKEN_AT: Final = 1_794_441_600


def pack(number: float, taken_at: int = TAKEN_AT) -> bytes:
    """Return a SenML pack with one temperature in °F."""
    return json.dumps([{"bt": taken_at, "n": "temperature", "u": "[degF]", "v": number}]).encode()


def publish(aws: Aws, device: str, *payloads: bytes) -> str:
    """Publish as a device does; return the subject of the device."""
    data = aws.deployment.client("iot-data")
    for payload in payloads:
        data.publish(topic=f"devices/{device}/readings", qos=1, payload=payload)
    return f"device/{device}"


@contextmanager
def unreachable_queue(aws: Aws) -> Iterator[None]:
    """Let the rule of the readings name a queue that does not exist, and restore the rule afterwards."""
    client, name = aws.deployment.client("iot"), "herald_dev_ingest_readings"
    rule = client.get_topic_rule(ruleName=name)["rule"]
    payload = {each: rule[each] for each in ("sql", "awsIotSqlVersion", "actions", "errorAction")}
    gone = [{"sqs": action["sqs"] | {"queueUrl": f"{action['sqs']['queueUrl']}-gone"}} for action in rule["actions"]]
    client.replace_topic_rule(ruleName=name, topicRulePayload=payload | {"actions": gone})
    try:
        yield
    finally:
        client.replace_topic_rule(ruleName=name, topicRulePayload=payload)
