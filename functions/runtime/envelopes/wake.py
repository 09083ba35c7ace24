"""Parses the message of a wake; functions/runtime/core/wakes.py writes the message."""

from collections.abc import Mapping
from typing import Any

from functions.runtime.core.event import Event
from functions.runtime.core.lineage import Cause, Lineage, read_path
from functions.runtime.core.wakes import TYPE
from functions.runtime.envelopes import fields


def is_message(body: Mapping[str, Any]) -> bool:
    """Return whether a message's body is a wake. An EventBridge envelope has a `detail`, a wake has none."""
    return body.get("type") == TYPE and "detail" not in body


def message(body: Mapping[str, Any]) -> Event:
    """Parse a wake; EnvelopeError names the field and the fault."""
    cause = Cause(
        subject=fields.text(body, "causationsubject"),
        function=fields.text(body, "causationfunction"),
        event_id=fields.text(body, "causationid"),
    )
    fields.instant(body, "time")
    return Event(
        id=fields.text(body, "id"),
        source=fields.text(body, "source"),
        type=TYPE,
        subject=fields.text(body, "subject"),
        time=fields.text(body, "time"),
        data=fields.table(body, "data"),
        lineage=Lineage(
            correlation_id=fields.text(body, "correlationid"),
            cause=cause,
            depth=fields.count(body, "depth"),
            path=read_path(fields.optional(body, "causationpath")),
        ),
        region=fields.optional(body, "region"),
        sequence=fields.text(body, "sequence"),
        asked_by=fields.text(body, "askedby"),
    )
