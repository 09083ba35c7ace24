"""From the message of an AWS IoT rule to an Event: whatever a device published, its topic, its sender and the time.

Shape: what the rule's SQL selects (infra/declarations/topic.py): `payload` in Base64, `topic`, `device`, `client_id`,
and
`received_at`, in milliseconds since the epoch. There is no EventBridge on the way, and no `detail`.
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
NO_CLIENT: Final = frozenset({"n/a", "N/A"})  # what AWS IoT says of a message that did not come by MQTT
# Source: RFC 8428 (SenML), 4.5.3: a smaller number of seconds is relative to a time that the sender does not know.
ABSOLUTE_SECONDS: Final = 2**28
LAST_SECONDS: Final = 253_402_300_799  # the year 9999 ends


def is_message(envelope: Mapping[str, Any]) -> bool:
    """Judge whether a body came from an IoT rule and not from EventBridge."""
    return "received_at" in envelope and "detail" not in envelope


def message(envelope: Mapping[str, Any]) -> Event:
    """Read such a body; EnvelopeError says what is wrong with it, and where.

    `data` is `{"payload": …}` with the JSON that was published, or `{"payload_base64": …}` where that was no JSON: what
    a function makes of it is its own affair. A SenML pack tells its own time, which is its sequence; published again it
    is the same event. Anything else is known by when it came as well: a button sends the same word each time.
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
            raise EnvelopeError(f"{name} is {'empty' if name in envelope else 'missing'}")
        if not isinstance(envelope[name], kind):
            raise EnvelopeError(f"{name} is {type(envelope[name]).__name__}, not {kind.__name__}")
    if not 0 < envelope["received_at"] <= LAST_SECONDS * 1000:
        raise EnvelopeError(f"received_at is {envelope['received_at']!r:.40}: no time in milliseconds since the epoch")


def _decode(payload: object) -> bytes:
    if not isinstance(payload, str):
        raise EnvelopeError(f"payload is {type(payload).__name__}, not str")
    try:
        return base64.b64decode(payload, validate=True)
    except ValueError as error:
        raise EnvelopeError(f"payload is not Base64: {error}") from error


def _data(content: bytes) -> dict[str, Any]:
    """Return what was published as JSON if it is any; what no service would take as JSON is none."""
    try:
        value = json.loads(content.decode())
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # neither NaN nor half a surrogate pair
    except (ValueError, RecursionError):
        return {"payload_base64": base64.b64encode(content).decode()}
    return {"payload": value}


def _own_time(payload: object) -> int | None:
    """Return when the first record of a SenML pack was taken, in ms since the epoch; None where it does not say."""
    first = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(first, dict):
        return None
    base, offset = first.get("bt", 0), first.get("t", 0)
    if not all(isinstance(each, int | float) and abs(each) <= LAST_SECONDS for each in (base, offset)):
        return None
    seconds = base + offset
    return round(seconds * 1000) if ABSOLUTE_SECONDS <= seconds <= LAST_SECONDS else None
