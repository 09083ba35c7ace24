"""CloudEvents of this function, and the entries of PutEvents that carry them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from functions.runtime.core.errors import Permanent, UndeclaredError
from functions.runtime.core.lineage import Lineage, to_extensions
from functions.runtime.core.settings import settings
from functions.runtime.run import contracts
from functions.runtime.run.batching import EVENT_BYTES


def derived_id(identity: str) -> str:
    """Return the id of an event with this identity: a repeated event has the same id."""
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


def cloud_event(
    event_type: str,
    data: Mapping[str, Any],
    *,
    subject: str,
    event_id: str,
    lineage: Lineage,
    happened: str | None = None,
) -> dict[str, Any]:
    """Return a CloudEvent of this function; its time is `happened`, or now.

    UndeclaredError if the type is not declared, Permanent if the data does not match the type's newest contract.
    """
    _check_declared(event_type)
    schema = contracts.check_emitted(event_type, data)
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"herald.{settings().first_name}",
        "type": event_type,
        "subject": subject,
        "time": happened or datetime.now(UTC).isoformat(),
        "datacontenttype": "application/json",
        **({"dataschema": schema} if schema else {}),
        "data": dict(data),
        **to_extensions(lineage),
    }


def _check_declared(event_type: str) -> None:
    """Raise UndeclaredError for a type that the role denies: EventBridge would deny the whole call of PutEvents."""
    declared = settings().emits
    if declared and event_type not in declared:
        raise UndeclaredError(f"{event_type} is not declared: access.emit has {', '.join(declared)}")


def entry(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the entry of PutEvents for a CloudEvent; Permanent, with its size, if the event is too large."""
    made = {
        "Source": event["source"],
        "DetailType": event["type"],
        "Detail": json.dumps(event, ensure_ascii=False),
        "EventBusName": settings().bus,
    }
    size = entry_size(made)
    if size > EVENT_BYTES:
        raise Permanent(f"{event['type']} has {size:,} bytes; an event has at most {EVENT_BYTES:,}")
    return made


def entry_size(made: Mapping[str, str]) -> int:
    """Return the size of an entry as PutEvents counts it.

    Source: "Calculating PutEvents event entry size", Amazon EventBridge User Guide.
    """
    return sum(len(made[name].encode()) for name in ("Source", "DetailType", "Detail"))
