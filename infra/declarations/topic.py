"""MQTT topic filters of [trigger.iot]: validation, matching, and the SQL of their AWS IoT rule.

Sources: MQTT 3.1.1, section 4.7 (wildcards); "AWS IoT Core message broker and protocol limits and quotas"; AWS IoT
Core Developer Guide, "Working with binary payloads": only a statement of functions accepts payloads that are not JSON.
"""

import base64
import json
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

TOPIC_BYTES: Final = 256
SLASHES: Final = 7
NOT_IN_SQL: Final = frozenset({"Cc", "Cs"})  # Unicode categories: control characters and surrogates
SQL_VERSION: Final = "2016-03-23"


class TopicError(ValueError):
    """An invalid topic filter; the message contains the filter and the fault."""


def check(topic: str) -> None:
    """Raise TopicError for the first fault by the rules of MQTT, AWS IoT or Herald."""
    levels = topic.split("/")
    if any(each in {"'", "\\"} or unicodedata.category(each) in NOT_IN_SQL for each in topic):
        _refuse(topic, "the rule's SQL cannot contain quotes, backslashes, control characters or surrogates")
    if "${" in topic:
        _refuse(topic, "a topic filter cannot contain '${'; placeholders are only for patterns")
    if topic.startswith("$"):
        _refuse(topic, "topics that begin with '$' are reserved by AWS IoT ($aws) and MQTT")
    if len(topic.encode()) > TOPIC_BYTES:
        _refuse(topic, f"it has {len(topic.encode())} bytes, more than AWS IoT's limit of {TOPIC_BYTES}")
    if len(levels) - 1 > SLASHES:
        _refuse(topic, f"it has {len(levels) - 1} slashes, more than AWS IoT's limit of {SLASHES}")
    for level in levels:
        if level not in {"+", "#"} and ("+" in level or "#" in level):
            _refuse(topic, f"'+' and '#' must be whole levels, not part of one as in '{level}'")
    if "#" in levels[:-1]:
        _refuse(topic, "'#' may only be the last level")
    if levels.count("+") != 1:
        _refuse(
            topic,
            f"it has {levels.count('+')} levels '+'; it needs exactly one, which names the device: devices/+/readings",
        )


def device_of(wanted: str, topic: str) -> str | None:
    """Return the device in a topic that matches the filter; None if the topic does not match."""
    levels, found = wanted.split("/"), topic.split("/")
    if levels[-1] == "#":  # it also matches the level above
        levels, found = levels[:-1], found[: len(levels) - 1]
    if len(levels) != len(found) or any(one not in {"+", other} for one, other in zip(levels, found, strict=True)):
        return None
    return found[levels.index("+")]


def sql(topic: str) -> str:
    """Return the rule's statement: the payload in Base64, JSON or not, with topic, device, client and time."""
    place = topic.split("/").index("+") + 1
    return (
        f"SELECT encode(*, 'base64') AS payload, topic() AS topic, topic({place}) AS device, "  # noqa: S608 - no database; `check` refuses quotes
        f"clientid() AS client_id, timestamp() AS received_at FROM '{topic}'"
    )


def as_event(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a rule's message in the form of an EventBridge event, for validation; return other messages unchanged.

    Its `detail` is the data that functions/runtime/envelopes/iot.py makes of the message.
    """
    if "received_at" not in message or "detail" in message:
        return message
    encoded = str(message.get("payload", ""))
    try:
        detail = {"payload": json.loads(base64.b64decode(encoded))}
    except ValueError:
        detail = {"payload_base64": encoded}
    return {"source": "aws.iot", "detail-type": "IoT Message", "detail": detail}


def _refuse(topic: str, fault: str) -> None:
    raise TopicError(f"'{topic}': {fault}")
