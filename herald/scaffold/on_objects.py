"""A function that S3 events for objects under a prefix invoke."""

import json
import shlex
from typing import Any, Final

from functions.runtime.envelopes.s3 import VERSION_EVENTS
from herald.scaffold import new_contract
from herald.scaffold.new_files import as_json
from herald.scaffold.trigger import Trigger, shown
from herald.send.bucket_prefix import DEFAULT, BucketPrefix
from infra.flow.routing import WRITTEN

# Source: "Enabling Amazon EventBridge", Amazon S3 User Guide.
NOTIFICATIONS: Final = (
    "The bucket {bucket} exists already: on AWS, turn its EventBridge notifications on, or the function gets no events."
)
CONTENT: Final = "one\ntwo\nthree\n"


def choose(text: str, name: str) -> Trigger:
    """Return the trigger for the objects under a prefix, with a sample event and its object."""
    place = BucketPrefix.parse(text)
    bucket, prefix = place.bucket, place.prefix
    key = f"{prefix}{'' if prefix.endswith('/') else '-'}example.txt"
    sample = f"events/aws.s3/object_created.{name}"
    wanted = json.dumps(prefix, ensure_ascii=False)
    lines = f"""
[trigger.pattern]
source = ["aws.s3"]
detail-type = ["Object Created"]
detail.bucket.name = ["${{bucket.{bucket}}}"]
detail.object.key = [{{ prefix = {wanted} }}]
"""
    return Trigger(
        kind="object",
        described=f"Count the lines and bytes of what is written under {shown(prefix)}.",
        lines=lines,
        samples=(f"aws.s3/object_created.{name}",),
        send=f"herald send {sample}.object --to {shlex.quote(place.option)}",
        access={"read": [f"bucket.{bucket}/{prefix}*"], "write": [f"bucket.artifacts/{name}/*"]},
        note=NOTIFICATIONS.format(bucket=place.existing) if place.existing else "",
        files={f"{sample}.json": as_json(_object_created(bucket, key)), f"{sample}.object": CONTENT},
    )


def object_detail(kind: str, key: str, bucket: str = DEFAULT) -> dict[str, Any]:
    """Return the detail that all S3 events have about an object; only writes and deletions have a sequencer.

    Source: "EventBridge event message structure", S3 User Guide.
    """
    written = {"key": key, "etag": "deed54b823522e0525693b090363f9df", "version-id": "Lq8nNqf7bVgkq1mDj6yq2bWn0aXo9mXt"}
    order = {"sequencer": "00617F08299329D18A"} if kind in VERSION_EVENTS else {}
    return {"version": "0", "bucket": {"name": f"${{bucket.{bucket}}}"}, "object": written | order}


def _object_created(bucket: str, key: str) -> dict[str, Any]:
    """Return the Object Created event for a sample object."""
    detail = object_detail(WRITTEN["detail-type"], key, bucket)
    detail["object"]["size"] = len(CONTENT)
    detail |= {
        "request-id": "R7N4GDK58NMKJ12A",
        "requester": "111122223333",
        "source-ip-address": "192.0.2.44",
        "reason": "PutObject",
    }
    head = {**WRITTEN, "resources": [f"arn:aws:s3:::${{bucket.{bucket}}}"]}
    return new_contract.ENVELOPE | head | {"detail": detail}
