"""From an SQS message body to one frozen Event: one parser per envelope.

Shapes: "Amazon S3 event message structure" for EventBridge, CloudEvents 1.0 (the JSON format, in `detail`), "CloudTrail
record contents", AWS Config's compliance changes, what rules of AWS IoT select (iot.py), and the EventBridge envelope
itself for everything else.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from functions.runtime import iot
from functions.runtime.errors import EnvelopeError
from functions.runtime.event import Event, S3Object
from functions.runtime.lineage import Cause, Lineage, read_path

type Json = Mapping[str, Any]

MISSING: Final = object()
NOTHING: Final = (MISSING, None, "")

# The longest partition key DynamoDB takes, and more than any honest id, source or time has: a row must hold them all.
TEXT_BYTES: Final = 2_048

# An alarm's changes of state are ordered by when it changed, such as 2019-10-02T17:04:40.989+0000.
# Source: "Alarm events and EventBridge", Amazon CloudWatch User Guide.
ALARM_EVENT: Final = ("aws.cloudwatch", "CloudWatch Alarm State Change")

# S3 sends these once per version; every other kind (tags, ACL, restore) may happen many times to one version.
VERSION_EVENTS = frozenset({"Object Created", "Object Deleted"})


def parse(body: str) -> Event:
    """Read the body of one message; EnvelopeError says what is wrong with it, and where."""
    try:
        envelope = json.loads(body)
        if "\\ud" in body.lower():  # half a surrogate pair is JSON's grammar but nobody's text: no service stores it
            json.dumps(envelope, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        message = f"the body is not JSON: {error}"
        raise EnvelopeError(message) from error
    if not isinstance(envelope, dict):
        message = f"the body is a JSON {type(envelope).__name__}, not an EventBridge event"
        raise EnvelopeError(message)
    event = _parser(envelope)(envelope)
    _check_length("the subject", event.subject)
    return event


def _parser(envelope: Json) -> Callable[[Json], Event]:
    if iot.is_message(envelope):
        return iot.message
    detail = _field(_walk(envelope, "detail"), "detail", dict)
    if envelope.get("detail-type") == "AWS API Call via CloudTrail":
        return _api_call
    if envelope.get("detail-type") == "Config Rules Compliance Change":
        return _compliance_change
    if _text(envelope, "source") == "aws.s3":
        return _s3
    return _cloud_event if "specversion" in detail else _other


def _s3(envelope: Json) -> Event:
    bucket = _text(envelope, "detail.bucket.name")
    key = _text(envelope, "detail.object.key")
    version, sequencer = _optional(envelope, "detail.object.version-id"), _optional(envelope, "detail.object.sequencer")
    kind = _text(envelope, "detail-type")
    identity = version or sequencer
    if kind not in VERSION_EVENTS or identity is None:
        identity = _text(envelope, "id")
    event_id = hashlib.sha256(f"{bucket}\n{key}\n{identity}\n{kind}".encode()).hexdigest()[:32]
    return Event(
        id=event_id,
        source="aws.s3",
        type=kind,
        subject=f"s3://{bucket}/{key}",
        time=_text(envelope, "time"),
        lineage=Lineage(correlation_id=event_id),
        data=envelope["detail"],
        region=_optional(envelope, "region"),
        sequence=sequencer,
        object=S3Object(
            bucket=bucket,
            key=key,
            version_id=version,
            size=_count(envelope, "detail.object.size"),
            etag=_optional(envelope, "detail.object.etag"),
        ),
        requester=_optional(envelope, "detail.requester"),
        source_ip=_optional(envelope, "detail.source-ip-address"),
    )


def _cloud_event(envelope: Json) -> Event:
    version = _text(envelope, "detail.specversion")
    if version != "1.0":
        message = f"detail.specversion: {version!r} is not '1.0'"
        raise EnvelopeError(message)
    _check_producer(envelope)
    event_id, source = _text(envelope, "detail.id"), _text(envelope, "detail.source")
    return Event(
        id=event_id,
        source=source,
        type=_text(envelope, "detail.type"),
        subject=_optional(envelope, "detail.subject") or f"{source}#{event_id}",
        time=_optional(envelope, "detail.time") or _text(envelope, "time"),
        data=_field(_walk(envelope, "detail.data"), "detail.data", dict),
        schema=_optional(envelope, "detail.dataschema"),
        region=_optional(envelope, "region"),
        sequence=_optional(envelope, "detail.sequence"),
        lineage=Lineage(
            correlation_id=_optional(envelope, "detail.correlationid") or event_id,
            cause=_cause(envelope),
            depth=_count(envelope, "detail.depth"),
            path=read_path(_optional(envelope, "detail.causationpath")),
        ),
        requester=source,
    )


def _other(envelope: Json) -> Event:
    event_id, source, kind = _text(envelope, "id"), _text(envelope, "source"), _text(envelope, "detail-type")
    resources = envelope.get("resources") or []
    return Event(
        id=event_id,
        source=source,
        type=kind,
        subject=str(resources[0]) if isinstance(resources, list) and resources else f"{source}#{event_id}",
        time=_text(envelope, "time"),
        lineage=Lineage(correlation_id=event_id),
        data=envelope["detail"],
        region=_optional(envelope, "region"),
        sequence=_instant(envelope, "detail.state.timestamp") if (source, kind) == ALARM_EVENT else None,
        requester=_optional(envelope, "account"),
    )


def _api_call(envelope: Json) -> Event:
    """Read a call that CloudTrail logged: EventBridge's own id is fresh with every delivery, its `resources` empty."""
    event_id = _text(envelope, "detail.eventID")
    caller = (_optional(envelope, f"detail.userIdentity.{name}") for name in ("arn", "invokedBy"))
    return Event(
        id=event_id,
        source=_text(envelope, "source"),
        type=_text(envelope, "detail-type"),
        subject=_called(envelope) or f"{envelope['source']}#{event_id}",
        time=_text(envelope, "detail.eventTime"),
        lineage=Lineage(correlation_id=event_id),
        data=envelope["detail"],
        region=_optional(envelope, "region"),
        requester=next(filter(None, caller), None) or _optional(envelope, "account"),
        source_ip=_optional(envelope, "detail.sourceIPAddress"),
    )


def _called(envelope: Json) -> str | None:
    """Return what a call was about: S3's are named as its own events name it, others by their first resource."""
    if envelope["source"] == "aws.s3":
        bucket, key = (_optional(envelope, f"detail.requestParameters.{name}") for name in ("bucketName", "key"))
        return f"s3://{bucket}/{key}" if bucket and key else bucket and f"s3://{bucket}"
    resources = envelope["detail"].get("resources")
    first = resources[0] if isinstance(resources, list) and resources else None
    return str(first["ARN"]) if isinstance(first, dict) and first.get("ARN") else None


def _compliance_change(envelope: Json) -> Event:
    """Read what AWS Config found about a resource; a bucket is named as S3's own events name it."""
    event_id, kind = _text(envelope, "id"), _text(envelope, "detail.resourceType")
    return Event(
        id=event_id,
        source=_text(envelope, "source"),
        type=_text(envelope, "detail-type"),
        subject=("s3://" if kind == "AWS::S3::Bucket" else f"{kind}/") + _text(envelope, "detail.resourceId"),
        time=_text(envelope, "time"),
        lineage=Lineage(correlation_id=event_id),
        data=envelope["detail"],
        region=_optional(envelope, "region"),
        requester=_optional(envelope, "account"),
    )


def _check_producer(envelope: Json) -> None:
    """Refuse an event that says in `detail` that it is another's: the bus's policy and its rules saw the envelope."""
    for said, seen in (("detail.source", "source"), ("detail.type", "detail-type")):
        if _text(envelope, said) != _text(envelope, seen):
            message = f"{said}: {_text(envelope, said)!r} was put on the bus as {_text(envelope, seen)!r}"
            raise EnvelopeError(message)


def _cause(envelope: Json) -> Cause | None:
    event_id, subject = _optional(envelope, "detail.causationid"), _optional(envelope, "detail.causationsubject")
    function = _optional(envelope, "detail.causationfunction")
    if event_id and subject and function:
        return Cause(subject=subject, function=function, event_id=event_id)
    return None


def _text(envelope: Json, path: str) -> str:
    """Return the text at a path; EnvelopeError when it is missing, empty or of another kind."""
    value = _field(_walk(envelope, path), path, str)
    if not value:
        message = f"{path} is empty"
        raise EnvelopeError(message)
    _check_length(path, value)
    return value


def _optional(envelope: Json, path: str) -> str | None:
    """Return the text at a path, None where there is none; EnvelopeError when it is of another kind."""
    found = _walk(envelope, path)
    if found in NOTHING:
        return None
    value = _field(found, path, str)
    _check_length(path, value)
    return value


def _instant(envelope: Json, path: str) -> str | None:
    """Return the time at a path in UTC, in a form whose order as text is that of time; None where there is none."""
    text = _optional(envelope, path)
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        instant = when.astimezone(UTC).isoformat(timespec="microseconds") if when.tzinfo else None
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        message = f"{path} is {text[:40]!r}, not an ISO 8601 time with its offset from UTC"
        raise EnvelopeError(message)
    return instant


def _check_length(name: str, text: str) -> None:
    # No character has over four bytes: most texts need not be encoded to be known as short.
    if len(text) > TEXT_BYTES // 4 and len(text.encode()) > TEXT_BYTES:
        message = f"{name} has {len(text.encode()):,} bytes, more than {TEXT_BYTES:,}"
        raise EnvelopeError(message)


def _count(envelope: Json, path: str) -> int:
    """Return the whole number at a path, 0 where there is none (deletions have no size, first events no depth)."""
    found = _walk(envelope, path)
    number = 0 if found in NOTHING else _field(found, path, int)
    if number < 0:
        message = f"{path} is {number}, below 0"
        raise EnvelopeError(message)
    return number


def _field[T](value: object, path: str, kind: type[T]) -> T:
    """Return the value that was found at a dotted path; `kind` is what JSON must have there."""
    if value is MISSING:
        message = f"{path} is missing"
        raise EnvelopeError(message)
    if not isinstance(value, kind):
        message = f"{path} is {type(value).__name__}, not {kind.__name__}"
        raise EnvelopeError(message)
    return value


def _walk(envelope: Json, path: str) -> object:
    value: Any = envelope
    for name in _steps(path):
        if not isinstance(value, dict) or name not in value:
            return MISSING
        value = value[name]
    return value


@cache
def _steps(path: str) -> list[str]:
    return path.split(".")
