"""Decodes bytes to lines. The memory use grows neither with the bytes nor with the lines."""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import BinaryIO, Final

from functions.profile_dataset.model import ROW_CHARS
from functions.runtime.core.errors import MalformedError

CHUNK_BYTES: Final = 256 * 1024
SNIFFED_BYTES: Final = 4 * 1024
CONTROL: Final = re.compile(r"[^\t\n\r\x20-\U0010ffff]")
MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class _UnreadableError(ValueError):
    """Bytes that are not text. The message gives their offset; the line is added later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text: its encoding, whether it has a byte order mark, its beginning, and its lines."""

    encoding: str
    byte_order_mark: bool
    head: str
    lines: "Lines"

    @classmethod
    def of(cls, stream: BinaryIO) -> "Text":
        """Start to read; MalformedError when the stream is empty or not text."""
        head = stream.read(CHUNK_BYTES)
        if not head:
            raise MalformedError("the dataset", "is empty (0 bytes)")
        mark, encoding = next(((mark, name) for mark, name in MARKS if head.startswith(mark)), (b"", _unmarked(head)))
        marked = len(mark)
        while mark and head.startswith(mark, marked):  # some programs write a second mark
            marked += len(mark)
        rest = iter(partial(stream.read, CHUNK_BYTES), b"")
        chunks = _decoded(chain([head[marked:]], rest), encoding, marked)
        lines = Lines(chunks)
        return cls(encoding=encoding, byte_order_mark=bool(mark), head=lines.head, lines=lines)


class Lines:
    """The lines of a text with their line ends: any mix of CRLF, LF and CR.

    `number` is the count of lines yielded, `last` is the last of them, and `ended` is true when there are no more. The
    caller joins lines to rows and calls `end_row` after each row. A row of more than `ROW_CHARS` characters, over all
    its lines, is malformed.
    """

    def __init__(self, chunks: Iterator[str]) -> None:
        """Read the first chunk, which stays available as `head`."""
        self.number, self.last = 0, ""
        self.ended = False
        self._row_line, self._row_chars = 1, 0
        self._chunks = chunks
        self._pending = ""
        self.head = self._next_chunk()

    def __iter__(self) -> Iterator[str]:
        """Yield the lines."""
        chunk = self.head
        while chunk:
            lines = io.StringIO(self._pending + chunk, newline="").readlines()
            # An LF may follow a CR at the end of the chunk.
            self._pending = "" if lines[-1].endswith("\n") else lines.pop()
            for line in lines:
                self._count(line)
                self.last = line
                yield line
            if self._row_chars + len(self._pending) > ROW_CHARS:
                self._count(self._pending)
            chunk = self._next_chunk()
        if self._pending:
            self._count(self._pending)
            self.last = self._pending
            yield self._pending
        self.ended = True

    def end_row(self) -> tuple[int, int]:
        """End a row; return the number of its first line, and its length in characters."""
        row = self._row_line, self._row_chars
        self._row_line, self._row_chars = self.number + 1, 0
        return row

    def _count(self, line: str) -> None:
        self.number += 1
        self._row_chars += len(line)
        if self._row_chars > ROW_CHARS:
            fault = f"begins a row of over {ROW_CHARS:,} characters; check it for a quote that is not closed"
            raise MalformedError(f"line {self._row_line:,}", fault)

    def _next_chunk(self) -> str:
        try:
            return next(filter(None, self._chunks), "")
        except _UnreadableError as error:
            line = self.number + 1 + self._pending.endswith("\r")
            raise MalformedError(f"line {line:,}", f"has {error}") from error


def _unmarked(head: bytes) -> str:
    """Return the encoding of a text without a byte order mark.

    It is UTF-16 if, decoded as UTF-16, at least half of the characters are below U+0100 and none is a control
    character. Otherwise it is UTF-8, and decoding fails later if it is not.
    """
    for encoding in ("utf-16-le", "utf-16-be"):
        text = head[:SNIFFED_BYTES].decode(encoding, "ignore")
        if text and 2 * sum(map("\u0100".__gt__, text)) >= len(text) and not CONTROL.search(text):
            return encoding
    return "utf-8"


def _decoded(chunks: Iterator[bytes], encoding: str, offset: int) -> Iterator[str]:
    """Yield the text. At the first invalid byte, yield the text before it, then raise the error.

    `offset` is the offset of the first byte.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    for chunk, final in chain(((chunk, False) for chunk in chunks), [(b"", True)]):
        offset += len(chunk)
        fault = ""
        try:
            text = decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode(encoding)
            place = offset - len(error.object) + error.start
            byte = error.object[error.start]
            fault = f"byte {byte:#04x} at offset {place:,}, which is not {encoding.upper()}: {error.reason}"
        before, nul, _ = text.partition("\0")
        yield before
        if nul:
            fault = "a NUL character: the content is not text, or UTF-16 without a byte order mark"
        if fault:
            raise _UnreadableError(fault)
