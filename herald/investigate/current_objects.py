"""The current objects that a function's pattern matches, and the events that S3 sends for them."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from functions.runtime.patterns import pattern
from infra.flow.routing import WRITTEN


def places(wanted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the buckets of a pattern, each with the common prefix of all keys that the pattern matches."""
    detail: Mapping[str, Any] = wanted.get("detail", {})
    keys = detail.get("object", {}).get("key", [])
    prefixes = [key["prefix"] for key in keys if isinstance(key, dict) and isinstance(key.get("prefix"), str)]
    prefix = prefixes[0] if len(prefixes) == len(keys) == 1 else ""
    for bucket in detail.get("bucket", {}).get("name", []):
        if isinstance(bucket, str):
            yield bucket, prefix


def matches(wanted: Mapping[str, Any], bucket: str, item: Mapping[str, Any]) -> bool:
    """Return whether a pattern matches an object of a listing (ListObjectsV2)."""
    made = {"bucket": {"name": bucket}, "object": {"key": item["Key"], "size": item["Size"]}}
    return pattern.matches(wanted, {**WRITTEN, "detail": made})


def version_of(head: Mapping[str, Any]) -> str | None:
    """Return the version id in an answer of HeadObject; None: the bucket has no versions."""
    return None if head.get("VersionId") in {None, "null"} else str(head["VersionId"])


def etag_of(head: Mapping[str, Any]) -> str:
    """Return the ETag in an answer of HeadObject, as S3's events have it: without quotes."""
    return str(head["ETag"]).strip('"')


def envelope(bucket: str, key: str, head: Mapping[str, Any], sequencer: str, region: str | None) -> dict[str, Any]:
    """Return the event that S3 sends for an object, from an answer of HeadObject."""
    version = version_of(head)
    made = {"key": key, "size": head["ContentLength"], "etag": etag_of(head)}
    made |= {"version-id": version} if version else {}
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        **WRITTEN,
        "time": head["LastModified"].astimezone(UTC).isoformat(),
        "region": region,
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {"bucket": {"name": bucket}, "object": made | {"sequencer": sequencer}},
    }
