"""The Content-Encoding of objects: gzip is unpacked as the object is read, other encodings are rejected by name.

S3 returns the header as it was put, and the bytes as they were put: nobody unpacks them on the way.
"""

import gzip
import io
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from functions.runtime.core.errors import Permanent

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER_BYTES: Final = 256 * 1024
GZIP: Final = frozenset({"gzip", "x-gzip"})  # source: RFC 9110, 8.4.1.3
# S3 removes aws-chunked itself; stores with S3's API may keep it. Source: "PutObject", Amazon S3 API Reference.
UNCHANGED: Final = frozenset({"", "identity", "aws-chunked"})

type CheckSize = Callable[[str, int], None]


def unpacked(subject: str, encoding: str, packed: io.BufferedReader, check_size: CheckSize) -> io.BufferedReader:
    """Return the content of an object without its encodings, of which `check_size` gets the size as it grows.

    Permanent for an encoding that is not known here; reading raises Permanent where `check_size` does, and where the
    content is not what its encoding says.
    """
    content = packed
    for name in reversed([each.strip().lower() for each in encoding.split(",")]):
        if name in GZIP:
            content = io.BufferedReader(_Unpacked(subject, content, check_size), BUFFER_BYTES)
        elif name not in UNCHANGED and not _is_charset(name):
            raise Permanent(f"{subject} has the Content-Encoding {name[:40]!r}: gzip is the only one that is unpacked")
    return content


def _is_charset(name: str) -> bool:
    """Return whether a name is that of a charset: many writers put one into the wrong header, which changes no byte."""
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


class _Unpacked(io.RawIOBase):
    """What is in gzip, of one member or several."""

    def __init__(self, subject: str, packed: io.BufferedReader, check_size: CheckSize) -> None:
        self._subject, self._packed, self._check_size, self._count = subject, packed, check_size, 0
        self._content = gzip.GzipFile(fileobj=packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        try:
            count = self._content.readinto(buffer)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            fault = "ends in the middle of it" if isinstance(error, EOFError) else "is damaged or none"
            raise Permanent(
                f"{self._subject} has the Content-Encoding gzip and {fault}, after {self._count:,} bytes unpacked"
            ) from error
        self._count += count
        self._check_size(f"{self._subject}, unpacked so far,", self._count)
        return count

    def close(self) -> None:
        if not self.closed:
            self._content.close()
            self._packed.close()
        super().close()
