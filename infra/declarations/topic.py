"""MQTT topic filters as [trigger.iot] declares them: which are refused, which topics they match, and their rule's SQL.

Sources: MQTT 3.1.1, section 4.7 (wildcards); "AWS IoT Core message broker and protocol limits and quotas"; AWS IoT
Core Developer Guide, "Working with binary payloads": a statement of functions alone takes what is no JSON.
"""

import base64
import json
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

TOPIC_BYTES: Final = 256
SLASHES: Final = 7
UNSPEAKABLE: Final = frozenset({"Cc", "Cs"})  # control characters; surrogates, which UTF-8 does not have
SQL_VERSION: Final = "2016-03-23"


class TopicError(ValueError):
    """A topic filter that cannot be a trigger; the message quotes it and says why."""


def check(topic: str) -> None:
    """Raise TopicError for the first thing that MQTT, AWS IoT or Herald would not take."""
    levels = topic.split("/")
    if any(each in {"'", "\\"} or unicodedata.category(each) in UNSPEAKABLE for each in topic):
        _refuse(
            topic, "quotes, backslashes, control characters and halves of characters cannot stand in the rule's SQL"
        )
    if "${" in topic:
        _refuse(topic, "'${' stands for no resource here, and its samples could not say it")
    if topic.startswith("$"):
        _refuse(topic, "topics that begin with '$' are reserved by AWS IoT ($aws) and MQTT")
    if len(topic.encode()) > TOPIC_BYTES:
        _refuse(topic, f"it has {len(topic.encode())} bytes, more than the {TOPIC_BYTES} AWS IoT takes")
    if len(levels) - 1 > SLASHES:
        _refuse(topic, f"it has {len(levels) - 1} slashes, more than the {SLASHES} AWS IoT takes")
    for level in levels:
        if level not in {"+", "#"} and ("+" in level or "#" in level):
            _refuse(topic, f"'+' and '#' stand for whole levels, not within one as in '{level}'")
    if "#" in levels[:-1]:
        _refuse(topic, "'#' may only be the last level")
    if levels.count("+") != 1:
        _refuse(topic, f"it has {levels.count('+')} levels '+': exactly one names the device, as in devices/+/readings")


def device_of(wanted: str, topic: str) -> str | None:
    """Return the device that a topic names where the filter matches it, None where it does not."""
    levels, found = wanted.split("/"), topic.split("/")
    if levels[-1] == "#":  # it matches the level above as well
        levels, found = levels[:-1], found[: len(levels) - 1]
    if len(levels) != len(found) or any(one not in {"+", other} for one, other in zip(levels, found, strict=True)):
        return None
    return found[levels.index("+")]


def sql(topic: str) -> str:
    """Return the rule's statement: the payload as it was published, be it JSON or not, and what is known of it."""
    place = topic.split("/").index("+") + 1
    return (
        f"SELECT encode(*, 'base64') AS payload, topic() AS topic, topic({place}) AS device, "  # noqa: S608 - no database; `check` refuses quotes
        f"clientid() AS client_id, timestamp() AS received_at FROM '{topic}'"
    )


def as_event(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a rule sends as EventBridge would bring it, to be held against its contract; any other as it is.

    Its `detail` is the data that functions/runtime/envelopes/iot.py makes of it.
    """
    if "received_at" not in message or "detail" in message:
        return message
    encoded = str(message.get("payload", ""))
    try:
        detail = {"payload": json.loads(base64.b64decode(encoded))}
    except ValueError:
        detail = {"payload_base64": encoded}
    return {"source": "aws.iot", "detail-type": "IoT Message", "detail": detail}


def _refuse(topic: str, why: str) -> None:
    raise TopicError(f"'{topic}': {why}")
