"""Reads an event from a file or from pasted text: an envelope, a CloudEvent, a line of a log, or a message of SQS."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from functions.runtime.envelopes import iot, wake
from herald.errors import CommandError
from infra.declarations.requests import is_request

ACCEPTED: Final = (
    "Accepted are an EventBridge event, a CloudEvent, a message of AWS IoT, a line of the journal, and the body of an "
    "SQS message, also inside a line of text"
)
# Where other tools put the body of a message: Lambda's event, `aws sqs receive-message`, and `herald dlq show --json`.
LISTS: Final = ("Records", "Messages", "dead_letters")
BODIES: Final = ("body", "Body", "event")

type Envelope = dict[str, Any]


def read(text: str) -> Envelope:
    """Return the envelope in a text. CommandError: the text has no event, or several."""
    decoder, start = json.JSONDecoder(), text.find("{")
    quoted = text.lstrip().startswith('"')
    try:
        found, end = decoder.raw_decode(text.strip() if quoted else text[max(start, 0) :])
    except (ValueError, RecursionError) as error:
        raise CommandError(f"the text has no event as JSON: {error}. {ACCEPTED}.") from error
    if isinstance(found, str):
        return read(found)
    if not isinstance(found, dict):
        raise CommandError(f"the JSON is not an object. {ACCEPTED}.")
    if "{" in text[start + end :]:
        raise CommandError("the text has several events: give one line of it")
    return _event(found)


def _event(found: Envelope) -> Envelope:
    """Return the envelope in an object: the object itself, or the event or body in it."""
    if _is_envelope(found):
        return found
    if found.get("specversion"):
        return _from_cloud_event(found)
    if is_request(found):
        raise CommandError("this is an HTTPS request: no pattern decides what it runs. `herald send` sends it")
    for name in LISTS:
        if isinstance(found.get(name), list):
            return _event(_only(found[name], name))
    for name in BODIES:
        inner = found.get(name)
        if isinstance(inner, (str, dict)):
            return read(inner) if isinstance(inner, str) else _event(inner)
    raise CommandError(_refusal(found))


def _is_envelope(found: Envelope) -> bool:
    return isinstance(found.get("detail"), dict) or iot.is_message(found) or wake.is_message(found)


def _only(found: list[Any], name: str) -> Envelope:
    if len(found) != 1 or not isinstance(found[0], dict):
        raise CommandError(f"{name} has {len(found)} messages: give one of them")
    if found[0].get("eventSource") == "aws:s3":
        raise CommandError(
            "this is a notification that S3 sends to a queue or a topic. Functions receive S3's events from "
            "EventBridge, which have source and detail"
        )
    return found[0]


def _from_cloud_event(found: Envelope) -> Envelope:
    """Return the envelope in which the bus carries a CloudEvent."""
    return {
        "id": found.get("id", "-"),
        "source": found.get("source"),
        "detail-type": found.get("type"),
        "time": found.get("time") or datetime.now(UTC).isoformat(),
        "detail": found,
    }


def _refusal(found: Mapping[str, Any]) -> str:
    subject = found.get("subject")
    if isinstance(subject, str) and "event_id" in found:
        return (
            f"this line of a log names an event and does not contain it: `herald explain {found['event_id']}` reads "
            "the event from the journal"
        )
    return f"the JSON is not an event: detail is missing. {ACCEPTED}."
