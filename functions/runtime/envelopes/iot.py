"""Parses the message of an AWS IoT rule: the content that a device published, the topic, the sender and the time.

The rule's SQL (infra/declarations/topic.py) selects `payload` in Base64, `topic`, `device`, `client_id`, and
`received_at` in milliseconds since the epoch. The rule sends directly to SQS, so there is no EventBridge envelope.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.event import Event
from functions.runtime.core.lineage import Lineage

SOURCE: Final = "aws.iot"
TYPE: Final = "IoT Message"
KINDS: Final = {"topic": str, "device": str, "received_at": int}
NO_CLIENT: Final = frozenset({"n/a", "N/A"})  # AWS IoT's values for a message that was not published over MQTT
# A smaller number of seconds is relative to the time of receipt. Source: RFC 8428 (SenML), 4.5.3.
ABSOLUTE_SECONDS: Final = 2**28
LAST_SECONDS: Final = 253_402_300_799  # the end of the year 9999


def is_message(envelope: Mapping[str, Any]) -> bool:
    """Return whether a body is from an IoT rule and not from EventBridge."""
    return "received_at" in envelope and "detail" not in envelope


def message(envelope: Mapping[str, Any]) -> Event:
    """Parse the body; EnvelopeError names the field and the fault.

    `data` is `{"payload": …}` with the published JSON, or `{"payload_base64": …}` if the content was not JSON. A SenML
    pack with an absolute time has that time as its sequence, and the same pack published again is the same event. The
    id of any other message includes the time of receipt: a button sends the same text each time.
    """
    _check(envelope)
    topic, received_at = envelope["topic"], envelope["received_at"]
    content = _decode(envelope.get("payload", ""))
    data = _data(content)
    made_at = _own_time(data.get("payload"))
    parts = [topic.encode(), content] if made_at else [topic.encode(), content, str(received_at).encode()]
    event_id = hashlib.sha256(b"\n".join(parts)).hexdigest()[:32]
    client = envelope.get("client_id")
    return Event(
        id=event_id,
        source=SOURCE,
        type=TYPE,
        subject=f"device/{envelope['device']}",
        time=datetime.fromtimestamp(received_at / 1000, UTC).isoformat(timespec="milliseconds"),
        lineage=Lineage(correlation_id=event_id),
        data=data,
        sequence=f"{made_at:015}" if made_at else None,
        requester=client if isinstance(client, str) and client not in NO_CLIENT else None,
    )


def _check(envelope: Mapping[str, Any]) -> None:
    for name, kind in KINDS.items():
        if name not in envelope or envelope[name] == "":
            raise EnvelopeError(name, "is empty" if name in envelope else "is missing")
        if not isinstance(envelope[name], kind):
            raise EnvelopeError(name, f"is {type(envelope[name]).__name__}, not {kind.__name__}")
    if not 0 < envelope["received_at"] <= LAST_SECONDS * 1000:
        raise EnvelopeError("received_at", "is not a time in milliseconds since the epoch")


def _decode(payload: object) -> bytes:
    if not isinstance(payload, str):
        raise EnvelopeError("payload", f"is {type(payload).__name__}, not str")
    try:
        return base64.b64decode(payload, validate=True)
    except ValueError as error:
        raise EnvelopeError("payload", f"is not Base64: {error}") from error


def _data(content: bytes) -> dict[str, Any]:
    """Return the published content: as JSON if all services can store it, otherwise in Base64."""
    try:
        value = json.loads(content.decode())
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # raises for NaN and for unpaired surrogates
    except (ValueError, RecursionError):
        return {"payload_base64": base64.b64encode(content).decode()}
    return {"payload": value}


def _own_time(payload: object) -> int | None:
    """Return the absolute time of the first record of a SenML pack, in ms since the epoch; None if it has none."""
    first = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(first, dict):
        return None
    base, offset = first.get("bt", 0), first.get("t", 0)
    if not all(isinstance(each, int | float) and abs(each) <= LAST_SECONDS for each in (base, offset)):
        return None
    seconds = base + offset
    return round(seconds * 1000) if ABSOLUTE_SECONDS <= seconds <= LAST_SECONDS else None
