"""The data that the ledger keeps of a processed run for the next run of the subject."""

import json
from collections.abc import Mapping
from typing import Any, Final

from functions.runtime.core.errors import Permanent
from functions.runtime.core.event import Event

STATE_LIMIT_BYTES: Final = 4_096  # each run of the subject writes it


def state_json(state: Mapping[str, Any]) -> str:
    """Return the state as JSON; Permanent if it is not JSON or too large."""
    try:
        text = json.dumps(state)
    except (TypeError, ValueError) as error:
        raise Permanent(f"run.state is not valid JSON: {error}") from error
    if len(text) > STATE_LIMIT_BYTES:
        raise Permanent(f"run.state has {len(text):,} bytes, more than {STATE_LIMIT_BYTES:,}")
    return text


def event_fields(event: Event, version: str | None) -> dict[str, Any]:
    """Return the fields of an event that the next run gets as `previous`."""
    fields: dict[str, Any] = {"id": event.id, "type": event.type, "time": event.time, "sequence": event.sequence}
    if event.object:
        fields |= {"version": version, "size": event.object.size, "etag": event.object.etag}
    return fields
