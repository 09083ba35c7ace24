"""Writes the objects of a run, so that a repeated attempt does not write them again."""

import hashlib
from typing import Any

from botocore.exceptions import ClientError

from functions.runtime.core import aws
from functions.runtime.core.lineage import to_metadata
from functions.runtime.core.s3_uri import S3Uri
from functions.runtime.core.settings import resource
from functions.runtime.run import objects
from functions.runtime.run.run_lineage import RunLineage


class ObjectWriter:
    """Writes objects with the key of the run, the digest of their content and the lineage in their metadata."""

    def __init__(self, run: str, lineage: RunLineage, *, repeated: bool) -> None:
        """Write for the run with that key; `repeated` is whether an earlier attempt may have written objects."""
        self._run = run
        self._lineage = lineage
        self._repeated = repeated

    def write(self, bucket: str, key: str, body: bytes, content_type: str) -> dict[str, Any]:
        """Put an object unless an earlier attempt put the same content; return the effect."""
        name = resource("bucket", bucket)
        version = self._version_of_earlier_attempt(name, key, body) if self._repeated else None
        if version is None:
            version = self._put(name, key, body, ContentType=content_type)
        return _effect(name, key, version)

    def create(self, bucket: str, key: str, body: bytes, content_type: str) -> dict[str, Any] | None:
        """Put an object if the key does not exist; return the effect, None if another run put the object."""
        name = resource("bucket", bucket)
        try:
            version = self._put(name, key, body, ContentType=content_type, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            head = aws.s3().head_object(Bucket=name, Key=key)
            if head["Metadata"].get("run") != self._run:
                return None
            version = head.get("VersionId", "")
        return _effect(name, key, version)

    def _put(self, bucket: str, key: str, body: bytes, **options: str) -> str:
        """Put an object; return its version, "" if the bucket has no versioning."""
        metadata = to_metadata(self._lineage.of_effects()) | {"run": self._run, "sha256": _digest(body)}
        reply = aws.s3().put_object(Bucket=bucket, Key=key, Body=body, Metadata=metadata, **options)  # type: ignore[arg-type] # options are texts
        return reply.get("VersionId", "")

    def _version_of_earlier_attempt(self, bucket: str, key: str, body: bytes) -> str | None:
        """Return the version of the object if an earlier attempt of this run put the same content, otherwise None."""
        head = objects.head(bucket, key)
        if head is None or (head["Metadata"].get("run"), head["Metadata"].get("sha256")) != (self._run, _digest(body)):
            return None
        return head.get("VersionId", "")


def _effect(bucket: str, key: str, version: str) -> dict[str, Any]:
    return {"kind": "object", "subject": str(S3Uri(bucket, key)), "version": version or None}


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
