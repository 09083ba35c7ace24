"""A wake: a message with which a run asks its own function to run again for the same subject at a later time.

The message is a CloudEvent without an EventBridge envelope, so no event from a bus or an IoT rule can look like one.
`askedby` names the claim of the run that asked. The ledger uses it to decide whether the wake still applies.
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
# The minimum delay of a wake. A function that asks for a wake in every wake cannot run in a tight loop.
LEAST_MS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """A wake to send: its id, its due time in ms since the epoch, and the body of its message.

    `carried` is the text of the message's attribute, "" if it has none.
    """

    id: str
    due_ms: int
    body: str
    carried: str = ""

    @property
    def effect(self) -> dict[str, Any]:
        """The wake in the effects of the run that asked for it."""
        return {"kind": "wake", "id": self.id, "time": _iso(self.due_ms)}


def ask(event: Event, *, after: timedelta, data: Mapping[str, Any], run: str, holder: str, lineage: Lineage) -> Wake:
    """Return the wake that a run asks for; `run` is the key of the run, `holder` the holder of its claim.

    It is due `after` the event's time, or after now if that time is in the future or invalid. Permanent when the delay
    is longer than 14 days, or when the data is too large or not JSON.
    """
    if not timedelta() <= after <= LONGEST:
        raise Permanent(f"run.wake(after={after}): a wake is due between 0 and {LONGEST.days} days after its event")
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
        # A wake does not lengthen the chain: the subject stays with its function.
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
