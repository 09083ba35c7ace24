"""Reads objects of S3 in a version: objects that are too large or deleted raise an error, and so do incomplete ones."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from functions.runtime.core import aws
from functions.runtime.core.errors import Permanent, Transient
from functions.runtime.core.event import Event, Previous
from functions.runtime.run.content_encoding import BUFFER_BYTES, CheckSize, decompressed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef, HeadObjectOutputTypeDef

GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"})
UNREADABLE: Final = GONE | {"AccessDenied", "403"}  # without s3:ListBucket, S3 denies a missing key


def get(event: Event | Previous, check_size: CheckSize) -> "GetObjectOutputTypeDef":
    """Return the reply of GetObject for the object of an event, in the version that the event names.

    Permanent if the event has no object or if the object was deleted. `check_size` is called with the subject and the
    size in the event, then with the size in the reply; it raises Permanent for an object that is too large.
    """
    if event.object is None:
        raise Permanent(f"{event.type} has no object to read")
    check_size(event.subject, event.object.size)
    version = {"VersionId": event.object.version_id} if event.object.version_id else {}
    try:
        reply = aws.s3().get_object(Bucket=event.object.bucket, Key=event.object.key, **version)  # type: ignore[arg-type] # one optional keyword
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        raise Permanent(f"{event.subject} was deleted before it was read") from error
    # A reply through a proxy may have no length.
    check_size(event.subject, reply.get("ContentLength", 0))
    return reply


def head(bucket: str, key: str, version_id: str | None = None) -> "HeadObjectOutputTypeDef | None":
    """Return the reply of HeadObject, None if the object does not exist or S3 denies the call."""
    version = {"VersionId": version_id} if version_id else {}
    try:
        return aws.s3().head_object(Bucket=bucket, Key=key, **version)  # type: ignore[arg-type] # one optional keyword
    except ClientError as error:
        if error.response["Error"]["Code"] not in UNREADABLE:
            raise
        return None


def stream(subject: str, reply: "GetObjectOutputTypeDef", check_size: CheckSize) -> io.BufferedReader:
    """Return the decompressed body of a reply as a binary stream; an incomplete body raises an error before its end."""
    body: io.BufferedReader = io.BufferedReader(_Body(subject, reply["Body"]), BUFFER_BYTES)
    return decompressed(subject, reply.get("ContentEncoding", ""), body, check_size)


class _Body(io.RawIOBase):
    """The body of a reply. If the connection breaks, reading raises Transient with the object and the bytes received.

    At the end botocore compares the length with the reply's, and the checksum if S3 sent one.
    """

    def __init__(self, subject: str, body: "StreamingBody") -> None:
        self._subject = subject
        self._source = body
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        count = self._reading(lambda: self._source.readinto(buffer))  # type: ignore[arg-type] # the stubs say a file
        self._count += count
        return count

    def readall(self) -> bytes:
        return self._reading(self._source.read)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()

    def _reading[T](self, read: Callable[[], T]) -> T:
        try:
            return read()
        except (BotoCoreError, HTTPError, OSError) as error:
            raise Transient(f"{self._subject}: the connection broke after {self._count:,} bytes: {error}") from error


def check_limit(subject: str, size: int, *, limit_bytes: int) -> None:
    """Raise Permanent for an object that is larger than the limit."""
    if size > limit_bytes:
        raise Permanent(f"{subject} has {size:,} bytes, more than the limit of {limit_bytes:,}")
