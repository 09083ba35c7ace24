"""Parses the events of AWS services other than S3: CloudTrail's API calls, AWS Config's findings, and all others.

Sources: "CloudTrail record contents", AWS CloudTrail User Guide; "Monitoring AWS Config with Amazon EventBridge", AWS
Config Developer Guide.
"""

import re
from typing import Final
from urllib.parse import unquote

from functions.runtime.core.event import Event
from functions.runtime.core.json_values import Json
from functions.runtime.core.lineage import Lineage
from functions.runtime.core.s3_uri import S3Uri
from functions.runtime.envelopes import fields

# The state changes of an alarm are ordered by their timestamp, such as 2019-10-02T17:04:40.989+0000.
# Source: "Alarm events and EventBridge", Amazon CloudWatch User Guide.
ALARM_EVENT: Final = ("aws.cloudwatch", "CloudWatch Alarm State Change")

BUCKET_ARN: Final = re.compile(r"arn:[^:]+:s3:::([^/]+)")


def service_event(envelope: Json) -> Event:
    """Parse an event without a special envelope. Its subject is its first resource."""
    event_id, source = fields.text(envelope, "id"), fields.text(envelope, "source")
    kind = fields.text(envelope, "detail-type")
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
    """Return the first resource of an event. Empty texts are skipped: DynamoDB allows no empty key."""
    named = resources if isinstance(resources, list) else []
    return next((each for each in named if isinstance(each, str) and each), None)


def api_call(envelope: Json) -> Event:
    """Parse an API call from CloudTrail. The envelope's `id` is new in each delivery, and its `resources` is empty."""
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
    """Return the resource of a call: `s3://…` for buckets and objects, as in S3's own events, otherwise the ARN."""
    resources = envelope["detail"].get("resources")
    first = resources[0] if isinstance(resources, list) and resources else None
    arn = str(first["ARN"]) if isinstance(first, dict) and first.get("ARN") else None
    if envelope["source"] != "aws.s3":
        return arn
    bucket, key, tagged = (
        fields.optional(envelope, f"detail.requestParameters.{name}") for name in ("bucketName", "key", "resourceArn")
    )
    if bucket:
        return str(S3Uri(bucket, key or ""))
    # TagResource and UntagResource give the bucket only as an ARN, in the path of their requests.
    # Source: "TagResource", Amazon S3 API Reference.
    arn = unquote(tagged) if tagged else arn
    match = BUCKET_ARN.fullmatch(arn or "")
    return str(S3Uri(match[1])) if match else arn


def compliance_change(envelope: Json) -> Event:
    """Parse a compliance change from AWS Config. A bucket is `s3://…`, as in S3's own events."""
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
