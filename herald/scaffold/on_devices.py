"""A function that MQTT messages of devices invoke."""

import base64
import json
from typing import Any, Final

from herald.errors import CommandError
from herald.scaffold.new_files import as_json
from herald.scaffold.trigger import Trigger, shown
from infra.declarations import topic

DEVICE: Final = "7"  # as short as the + that it replaces, so that the topic is not longer than its filter
PUBLISHED: Final = {"example": True}


def choose(wanted: str, name: str) -> Trigger:
    """Return the trigger for an MQTT topic filter, with a sample message; CommandError: the filter is invalid."""
    try:
        topic.check(wanted)
    except topic.TopicError as error:
        raise CommandError(f"no function can run on the topics {error}") from error
    sample = f"aws.iot/iot_message.{name}"
    return Trigger(
        kind="message",
        described=f"Log every message that a device publishes on {shown(wanted)}.",
        lines=f"[trigger.iot]\ntopic = {json.dumps(wanted, ensure_ascii=False)}\n",
        samples=(sample,),
        send=f"herald send --event events/{sample}.json",
        files={f"events/{sample}.json": as_json(_message(wanted))},
    )


def _message(wanted: str) -> dict[str, Any]:
    """Return a message as the IoT rule of a topic filter sends it."""
    levels = {"+": DEVICE, "#": "a"}
    return {
        "payload": base64.b64encode(json.dumps(PUBLISHED).encode()).decode(),
        "topic": "/".join(levels.get(level, level) for level in wanted.split("/")),
        "device": DEVICE,
        "client_id": f"client-{DEVICE}",
        "received_at": 1_794_441_600_000,
    }
