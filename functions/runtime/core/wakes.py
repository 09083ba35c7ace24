"""A wake: a message with which a run asks its own function to run again for the subject at a later time.

The message is a CloudEvent without an EventBridge envelope, so an event from a bus or an IoT rule cannot be mistaken
for a wake. `askedby` is the holder of the claim of the run that asked; by it, the ledger decides whether the wake is
still valid.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from functions.runtime.core import clock
from functions.runtime.core.errors import Permanent
from functions.runtime.core.event import Event
from functions.runtime.core.lineage import Lineage, to_extensions

TYPE: Final = "herald.wake"
DATA_LIMIT_BYTES: Final = 16_384
LONGEST: Final = timedelta(days=14)
# The least time until a wake is due, so that a function that asks for one in every wake is not a tight loop.
LEAST_MS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """A wake that a message carries: its id, when it is due in ms since the epoch, and the body of the message.

    `carried` is the text of the message's attribute, "" without an attribute.
    """

    id: str
    due_ms: int
    body: str
    carried: str = ""

    @property
    def effect(self) -> dict[str, Any]:
        """The effect in the row of the run that asked for the wake."""
        return {"kind": "wake", "id": self.id, "time": _iso(self.due_ms)}


def ask(event: Event, *, after: timedelta, data: Mapping[str, Any], run: str, holder: str, lineage: Lineage) -> Wake:
    """Return the wake that a run asks for while it handles an event; `run` is its key, `holder` that of its claim.

    The wake is due `after` the event's time, or after now if that time is in the future or cannot be read. Permanent
    when the wait is longer than 14 days, or when the data is not JSON or too large.
    """
    if not timedelta() <= after <= LONGEST:
        raise Permanent(f"run.wake(after={after}): a wake must be due 0 to {LONGEST.days} days after its event")
    now = clock.now_ms()
    happened = now - max(0, event.lag_ms(now) or 0)
    due_ms = max(happened + round(after.total_seconds() * 1_000), now + LEAST_MS)
    wake_id = hashlib.sha256(f"{run}\n{holder}\nwake".encode()).hexdigest()[:32]
    body = {
        "specversion": "1.0",
        "id": wake_id,
        "source": event.source,
        "type": TYPE,
        "subject": event.subject,
        "time": _iso(due_ms),
        "sequence": event.sort_key,
        "askedby": holder,
        "region": event.region,
        "data": dict(data),
        # A wake does not lengthen the chain: the function does not pass the subject on.
        **to_extensions(replace(lineage, depth=event.lineage.depth, path=event.lineage.path)),
    }
    return Wake(id=wake_id, due_ms=due_ms, body=_json(body))


def _json(body: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
        size = len(json.dumps(body["data"], ensure_ascii=False).encode())
    except (TypeError, ValueError) as error:
        raise Permanent(f"the data of run.wake is not JSON: {error}") from error
    if size > DATA_LIMIT_BYTES:
        raise Permanent(f"the data of run.wake has {size:,} bytes, more than {DATA_LIMIT_BYTES:,}")
    return text


def _iso(due_ms: int) -> str:
    return datetime.fromtimestamp(due_ms / 1_000, UTC).isoformat(timespec="milliseconds")
