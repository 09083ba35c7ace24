"""From an SQS message body to one frozen Event: one parser per envelope.

Shapes: "Amazon S3 event message structure" for EventBridge, CloudEvents 1.0 (the JSON format, in `detail`), "CloudTrail
record contents", AWS Config's compliance changes, what rules of AWS IoT select (iot.py), wakes (wakes.py), and the
EventBridge envelope itself for everything else.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.event import Event, S3Object
from functions.runtime.core.lineage import Cause, Lineage, read_path
from functions.runtime.envelopes import fields, iot, wake

type Json = Mapping[str, Any]

# An alarm's changes of state are ordered by when it changed, such as 2019-10-02T17:04:40.989+0000.
# Source: "Alarm events and EventBridge", Amazon CloudWatch User Guide.
ALARM_EVENT: Final = ("aws.cloudwatch", "CloudWatch Alarm State Change")

BUCKET_ARN: Final = re.compile(r"arn:[^:]+:s3:::([^/]+)")

# S3 sends these once per version; every other kind (tags, ACL, restore) may happen many times to one version.
VERSION_EVENTS = frozenset({"Object Created", "Object Deleted"})


def parse(body: str) -> Event:
    """Read the body of one message; EnvelopeError says what is wrong with it, and where."""
    try:
        envelope = json.loads(body)
        if "\\ud" in body.lower():  # half a surrogate pair is JSON's grammar but nobody's text: no service stores it
            json.dumps(envelope, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise EnvelopeError(f"the body is not JSON: {error}") from error
    if not isinstance(envelope, dict):
        raise EnvelopeError(f"the body is a JSON {type(envelope).__name__}, not an EventBridge event")
    event = _parser(envelope)(envelope)
    fields.check_length("the subject", event.subject)
    return event


def _parser(envelope: Json) -> Callable[[Json], Event]:
    if iot.is_message(envelope):
        return iot.message
    if wake.is_message(envelope):
        return wake.message
    detail = fields.table(envelope, "detail")
    if envelope.get("detail-type") == "AWS API Call via CloudTrail":
        return _api_call
    if envelope.get("detail-type") == "Config Rules Compliance Change":
        return _compliance_change
    if fields.text(envelope, "source") == "aws.s3":
        return _s3
    return _cloud_event if "specversion" in detail else _other


def _s3(envelope: Json) -> Event:
    bucket = fields.text(envelope, "detail.bucket.name")
    key = fields.text(envelope, "detail.object.key")
    version, sequencer = (
        fields.optional(envelope, "detail.object.version-id"),
        fields.optional(envelope, "detail.object.sequencer"),
    )
    kind = fields.text(envelope, "detail-type")
    identity = version or sequencer
    if kind not in VERSION_EVENTS or identity is None:
        identity = fields.text(envelope, "id")
    event_id = hashlib.sha256(f"{bucket}\n{key}\n{identity}\n{kind}".encode()).hexdigest()[:32]
    return Event(
        id=event_id,
        source="aws.s3",
        type=kind,
        subject=f"s3://{bucket}/{key}",
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


def _cloud_event(envelope: Json) -> Event:
    version = fields.text(envelope, "detail.specversion")
    if version != "1.0":
        raise EnvelopeError(f"detail.specversion: {version!r} is not '1.0'")
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


def _other(envelope: Json) -> Event:
    event_id, source, kind = (
        fields.text(envelope, "id"),
        fields.text(envelope, "source"),
        fields.text(envelope, "detail-type"),
    )
    return Event(
        id=event_id,
        source=source,
        type=kind,
        subject=_resource(envelope.get("resources")) or f"{source}#{event_id}",
        time=fields.text(envelope, "time"),
        lineage=Lineage(correlation_id=event_id),
        data=envelope["detail"],
        region=fields.optional(envelope, "region"),
        sequence=fields.instant(envelope, "detail.state.timestamp") if (source, kind) == ALARM_EVENT else None,
        requester=fields.optional(envelope, "account"),
    )


def _resource(resources: object) -> str | None:
    """Return the first resource that an event names: an empty text names none, and no row could have it as its key."""
    named = resources if isinstance(resources, list) else []
    return next((each for each in named if isinstance(each, str) and each), None)


def _api_call(envelope: Json) -> Event:
    """Read a call that CloudTrail logged: EventBridge's own id is fresh with every delivery, its `resources` empty."""
    event_id = fields.text(envelope, "detail.eventID")
    caller = (fields.optional(envelope, f"detail.userIdentity.{name}") for name in ("arn", "invokedBy"))
    return Event(
        id=event_id,
        source=fields.text(envelope, "source"),
        type=fields.text(envelope, "detail-type"),
        subject=_called(envelope) or f"{envelope['source']}#{event_id}",
        time=fields.text(envelope, "detail.eventTime"),
        lineage=Lineage(correlation_id=event_id),
        data=envelope["detail"],
        region=fields.optional(envelope, "region"),
        requester=next(filter(None, caller), None) or fields.optional(envelope, "account"),
        source_ip=fields.optional(envelope, "detail.sourceIPAddress"),
    )


def _called(envelope: Json) -> str | None:
    """Return what a call was about: buckets and objects are named as S3's own events name them, all else by its ARN."""
    resources = envelope["detail"].get("resources")
    first = resources[0] if isinstance(resources, list) and resources else None
    arn = str(first["ARN"]) if isinstance(first, dict) and first.get("ARN") else None
    if envelope["source"] != "aws.s3":
        return arn
    bucket, key, tagged = (
        fields.optional(envelope, f"detail.requestParameters.{name}") for name in ("bucketName", "key", "resourceArn")
    )
    if bucket:
        return f"s3://{bucket}/{key}" if key else f"s3://{bucket}"
    # TagResource and UntagResource name a bucket by its ARN alone; it is a part of the path of their requests.
    # Source: "TagResource", Amazon S3 API Reference.
    arn = unquote(tagged) if tagged else arn
    match = BUCKET_ARN.fullmatch(arn or "")
    return f"s3://{match[1]}" if match else arn


def _compliance_change(envelope: Json) -> Event:
    """Read what AWS Config found about a resource; a bucket is named as S3's own events name it."""
    event_id, kind = fields.text(envelope, "id"), fields.text(envelope, "detail.resourceType")
    return Event(
        id=event_id,
        source=fields.text(envelope, "source"),
        type=fields.text(envelope, "detail-type"),
        subject=("s3://" if kind == "AWS::S3::Bucket" else f"{kind}/") + fields.text(envelope, "detail.resourceId"),
        time=fields.text(envelope, "time"),
        lineage=Lineage(correlation_id=event_id),
        data=envelope["detail"],
        region=fields.optional(envelope, "region"),
        requester=fields.optional(envelope, "account"),
    )


def _check_producer(envelope: Json) -> None:
    """Refuse an event that says in `detail` that it is another's: the bus's policy and its rules saw the envelope."""
    for said, seen in (("detail.source", "source"), ("detail.type", "detail-type")):
        if fields.text(envelope, said) != fields.text(envelope, seen):
            raise EnvelopeError(
                f"{said}: {fields.text(envelope, said)!r} was put on the bus as {fields.text(envelope, seen)!r}"
            )


def _cause(envelope: Json) -> Cause | None:
    event_id, subject = (
        fields.optional(envelope, "detail.causationid"),
        fields.optional(envelope, "detail.causationsubject"),
    )
    function = fields.optional(envelope, "detail.causationfunction")
    if event_id and subject and function:
        return Cause(subject=subject, function=function, event_id=event_id)
    return None
