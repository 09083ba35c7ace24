"""Objects as S3 has them: asked for in their version, refused where too large or gone, and whole or an error."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from functions.runtime.core import aws
from functions.runtime.core.errors import Permanent, Transient
from functions.runtime.core.event import Event, Previous
from functions.runtime.run.content_encoding import BUFFER_BYTES, CheckSize, unpacked

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef, HeadObjectOutputTypeDef

GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"})
UNREADABLE: Final = GONE | {"AccessDenied", "403"}  # without the grant to list, S3 denies what is not there


def get(event: Event | Previous, check_size: CheckSize) -> "GetObjectOutputTypeDef":
    """Ask S3 for the object of an event, in the version the event names; nothing of it has been read yet.

    Permanent when the event has no object, when it was deleted in the meantime, or when `check_size`, which gets the
    subject and the size that the event says, then that S3 says, refuses it.
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
    # A proxy on the way may not tell the length.
    check_size(event.subject, reply.get("ContentLength", 0))
    return reply


def head(bucket: str, key: str, version_id: str | None = None) -> "HeadObjectOutputTypeDef | None":
    """Ask S3 about an object, None where there is none or it may not be read."""
    version = {"VersionId": version_id} if version_id else {}
    try:
        return aws.s3().head_object(Bucket=bucket, Key=key, **version)  # type: ignore[arg-type] # one optional keyword
    except ClientError as error:
        if error.response["Error"]["Code"] not in UNREADABLE:
            raise
        return None


def stream(subject: str, reply: "GetObjectOutputTypeDef", check_size: CheckSize) -> io.BufferedReader:
    """Return the body of an object, unpacked, as a binary file; whoever reads it to its end has all of it."""
    body: io.BufferedReader = io.BufferedReader(_Body(subject, reply["Body"]), BUFFER_BYTES)
    return unpacked(subject, reply.get("ContentEncoding", ""), body, check_size)


class _Body(io.RawIOBase):
    """A body on its way. Where it breaks off the error is Transient, and names the object and how far it came.

    At the end botocore holds the length, and the checksum where S3 sent one, against what was read.
    """

    def __init__(self, subject: str, body: "StreamingBody") -> None:
        self._subject, self._source, self._count = subject, body, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        count = self._whole(lambda: self._source.readinto(buffer))  # type: ignore[arg-type] # the stubs say a file
        self._count += count
        return count

    def readall(self) -> bytes:
        return self._whole(self._source.read)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()

    def _whole[T](self, read: Callable[[], T]) -> T:
        try:
            return read()
        except (BotoCoreError, HTTPError, OSError) as error:
            raise Transient(f"{self._subject} broke off after {self._count:,} bytes: {error}") from error


def check_limit(subject: str, size: int, *, limit_bytes: int) -> None:
    """Raise Permanent for an object that is larger than the limit."""
    if size > limit_bytes:
        raise Permanent(f"{subject} has {size:,} bytes, more than the {limit_bytes:,} a function reads")
