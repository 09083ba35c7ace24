"""The Content-Encoding of objects: gzip is decompressed while the object is read, other encodings are rejected.

S3 returns the header and the content unchanged; neither S3 nor botocore decompresses it.
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
# The other registered encodings for HTTP. Source: "HTTP Content Coding Registry", IANA.
KNOWN: Final = frozenset({"aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "pack200-gzip", "zstd"})
# S3 removes aws-chunked itself; stores with S3's API may keep it. Source: "PutObject", Amazon S3 API Reference.
UNCHANGED: Final = frozenset({"", "identity", "aws-chunked"})

type CheckSize = Callable[[str, int], None]


def decompressed(
    subject: str, encoding: str, compressed: io.BufferedReader, check_size: CheckSize
) -> io.BufferedReader:
    """Return the decompressed content of an object; `check_size` is called with the size as it grows.

    Permanent for an encoding that is not supported. Reading raises Permanent if the content is not valid gzip, or if
    `check_size` raises it.
    """
    content = compressed
    for name in reversed([each.strip().lower() for each in encoding.split(",")]):
        if name in GZIP:
            content = io.BufferedReader(_Decompressed(subject, content, check_size), BUFFER_BYTES)
        elif name not in UNCHANGED and not _is_charset(name):
            raise Permanent(f"{subject} has {_shown(name)}; only gzip is supported")
    return content


def _shown(name: str) -> str:
    """Return a known encoding with its name; any other text could hold what the writer put there by mistake."""
    return f"the Content-Encoding {name!r}" if name in KNOWN else "an unknown Content-Encoding"


def _is_charset(name: str) -> bool:
    """Return whether a name is a charset: many writers set one by mistake, and the content is plain."""
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


class _Decompressed(io.RawIOBase):
    """The content of a gzip file with one or more members."""

    def __init__(self, subject: str, compressed: io.BufferedReader, check_size: CheckSize) -> None:
        self._subject = subject
        self._compressed = compressed
        self._check_size = check_size
        self._count = 0
        self._content = gzip.GzipFile(fileobj=compressed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        try:
            count = self._content.readinto(buffer)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            fault = "is truncated" if isinstance(error, EOFError) else "is not valid gzip"
            raise Permanent(
                f"{self._subject} has the Content-Encoding gzip but {fault} after {self._count:,} decompressed bytes"
            ) from error
        self._count += count
        self._check_size(f"the decompressed content of {self._subject}", self._count)
        return count

    def close(self) -> None:
        if not self.closed:
            self._content.close()
            self._compressed.close()
        super().close()
