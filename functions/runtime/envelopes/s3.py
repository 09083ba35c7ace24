"""Parses the events of Amazon S3.

Source: "Event message structure" for EventBridge, Amazon S3 User Guide.
"""

import hashlib
from typing import Final

from functions.runtime.core.event import Event, S3Object
from functions.runtime.core.json_values import Json
from functions.runtime.core.lineage import Lineage
from functions.runtime.core.s3_uri import S3Uri
from functions.runtime.envelopes import fields

# S3 sends these once per version. All other types (tags, ACL, restore) can occur many times for one version.
VERSION_EVENTS: Final = frozenset({"Object Created", "Object Deleted"})


def object_event(envelope: Json) -> Event:
    """Parse an event of an object. Its id is derived from the object's version, so a repeated event has the same id."""
    bucket = fields.text(envelope, "detail.bucket.name")
    key = fields.text(envelope, "detail.object.key")
    version = fields.optional(envelope, "detail.object.version-id")
    sequencer = fields.optional(envelope, "detail.object.sequencer")
    kind = fields.text(envelope, "detail-type")
    identity = version or sequencer
    if kind not in VERSION_EVENTS or identity is None:
        identity = fields.text(envelope, "id")
    event_id = hashlib.sha256(f"{bucket}\n{key}\n{identity}\n{kind}".encode()).hexdigest()[:32]
    return Event(
        id=event_id,
        source="aws.s3",
        type=kind,
        subject=str(S3Uri(bucket, key)),
        time=fields.text(envelope, "time"),
        lineage=Lineage(correlation_id=event_id),
        data=envelope["detail"],
        region=fields.optional(envelope, "region"),
        sequence=sequencer,
        object=S3Object(
            bucket=bucket,
            key=key,
            version_id=version,
            size=fields.count(envelope, "detail.object.size"),
            etag=fields.optional(envelope, "detail.object.etag"),
        ),
        requester=fields.optional(envelope, "detail.requester"),
        source_ip=fields.optional(envelope, "detail.source-ip-address"),
    )
