"""Parses CloudEvents 1.0 in the JSON format, which EventBridge carries in `detail`."""

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.event import Event
from functions.runtime.core.json_values import Json
from functions.runtime.core.lineage import Cause, Lineage, read_path
from functions.runtime.envelopes import fields


def cloud_event(envelope: Json) -> Event:
    """Parse a CloudEvent."""
    version = fields.text(envelope, "detail.specversion")
    if version != "1.0":
        raise EnvelopeError("detail.specversion", "is not '1.0'")
    _check_producer(envelope)
    event_id, source = fields.text(envelope, "detail.id"), fields.text(envelope, "detail.source")
    return Event(
        id=event_id,
        source=source,
        type=fields.text(envelope, "detail.type"),
        subject=fields.optional(envelope, "detail.subject") or f"{source}#{event_id}",
        time=fields.optional(envelope, "detail.time") or fields.text(envelope, "time"),
        data=fields.table(envelope, "detail.data"),
        schema=fields.optional(envelope, "detail.dataschema"),
        region=fields.optional(envelope, "region"),
        sequence=fields.optional(envelope, "detail.sequence"),
        lineage=Lineage(
            correlation_id=fields.optional(envelope, "detail.correlationid") or event_id,
            cause=_cause(envelope),
            depth=fields.count(envelope, "detail.depth"),
            path=read_path(fields.optional(envelope, "detail.causationpath")),
        ),
        requester=source,
    )


def _check_producer(envelope: Json) -> None:
    """Raise EnvelopeError when `detail` contradicts the envelope: the bus's policy and rules see only the envelope."""
    for claimed, actual in (("detail.source", "source"), ("detail.type", "detail-type")):
        if fields.text(envelope, claimed) != fields.text(envelope, actual):
            found, expected = fields.text(envelope, claimed), fields.text(envelope, actual)
            raise EnvelopeError(claimed, f"is {found!r}, but {actual} of the envelope is {expected!r}")


def _cause(envelope: Json) -> Cause | None:
    event_id = fields.optional(envelope, "detail.causationid")
    subject = fields.optional(envelope, "detail.causationsubject")
    function = fields.optional(envelope, "detail.causationfunction")
    if event_id and subject and function:
        return Cause(subject=subject, function=function, event_id=event_id)
    return None
