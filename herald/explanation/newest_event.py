"""Finds the newest event of a subject, and whether the ledger has a decision about it."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from functions.runtime.envelopes.envelope import parse
from herald.deployment.deployment import Deployment
from herald.investigate import journal
from herald.investigate.events import write_of
from herald.investigate.history import Row
from infra.flow.routing import WRITTEN

# S3 gives both the time of an event and `LastModified` in whole seconds.
ROUNDING: Final = timedelta(seconds=2)

type Envelope = Mapping[str, Any]


def newest_event(deployment: Deployment, subject: str, since: datetime, event_id: str | None = None) -> Envelope | None:
    """Return the newest event of a subject in the journal, or the one with an id, else the write of the object.

    None: the journal has no such event since then, and there is no such object.
    """
    found = journal.newest(deployment, journal.listed(deployment, since, datetime.now(UTC)), subject, event_id)
    return found.envelope if found else write_of(deployment, subject)


def event_id_of(event: Envelope) -> str | None:
    """Return the id that the ledger has for an event; None for an event that `write_of` made."""
    return parse(json.dumps(event)).id if "id" in event else None


def is_decided(rows: Sequence[Row], event: Envelope) -> bool:
    """Return whether a row is about an event; `event` may be one that `write_of` made, which has no id."""
    facts = [row["facts"] for row in rows]
    if "id" in event:
        return event_id_of(event) in {each.get("id") for each in facts}
    writes = [each for each in facts if each.get("type") == WRITTEN["detail-type"]]
    version = event["detail"]["object"].get("version-id")
    if version and any(each.get("version") for each in writes):
        return version in {each.get("version") for each in writes}
    return any(_is_as_late(each.get("time"), datetime.fromisoformat(event["time"])) for each in writes)


def _is_as_late(time: str | None, written: datetime) -> bool:
    """Return whether the event of a row is not older than a write; a row without a time may be about it."""
    return time is None or datetime.fromisoformat(time) >= written - ROUNDING
