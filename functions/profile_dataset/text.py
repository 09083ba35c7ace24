"""From bytes to lines, in memory that does not grow with either."""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import BinaryIO, Final

from functions.profile_dataset.model import ROW_CHARS, MalformedDatasetError

CHUNK_BYTES: Final = 256 * 1024
SNIFFED_BYTES: Final = 4 * 1024
CONTROL: Final = re.compile(r"[^\t\n\r\x20-\U0010ffff]")
MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class _UnreadableError(ValueError):
    """Bytes that are no text; the message says where they begin, and not yet in which line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text: its encoding, whether it has a byte order mark, how it begins, and its lines."""

    encoding: str
    byte_order_mark: bool
    head: str
    lines: "Lines"

    @classmethod
    def of(cls, stream: BinaryIO) -> "Text":
        """Begin to read; MalformedDatasetError when there is nothing to read, or no text."""
        head = stream.read(CHUNK_BYTES)
        if not head:
            raise MalformedDatasetError("the dataset is empty (0 bytes)")
        mark, encoding = next(((mark, name) for mark, name in MARKS if head.startswith(mark)), (b"", _unmarked(head)))
        marked = len(mark)
        while mark and head.startswith(mark, marked):  # a program that always writes one has written it again
            marked += len(mark)
        rest = iter(partial(stream.read, CHUNK_BYTES), b"")
        chunks = _decoded(chain([head[marked:]], rest), encoding, marked)
        lines = Lines(chunks)
        return cls(encoding=encoding, byte_order_mark=bool(mark), head=lines.head, lines=lines)


class Lines:
    """The lines of a text with their ends, which may be CRLF, LF and CR by turns.

    `number` counts the lines handed out, `last` is the last of them, and `ended` says that there are no more. Whoever
    puts lines together to rows says where one ends: when it has over a million characters, in however many lines, the
    text is malformed.
    """

    def __init__(self, chunks: Iterator[str]) -> None:
        """Begin with the first chunk, which stays at hand as `head`."""
        self.number, self.last = 0, ""
        self.ended = False
        self._row_line, self._row_chars = 1, 0
        self._chunks = chunks
        self._pending = ""
        self.head = self._next_chunk()

    def __iter__(self) -> Iterator[str]:
        """Hand out the lines."""
        chunk = self.head
        while chunk:
            lines = io.StringIO(self._pending + chunk, newline="").readlines()
            # Behind a CR at the very end an LF may follow.
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
        """End a row; return the line in which it begins, and how many characters it has."""
        row = self._row_line, self._row_chars
        self._row_line, self._row_chars = self.number + 1, 0
        return row

    def _count(self, line: str) -> None:
        self.number += 1
        self._row_chars += len(line)
        if self._row_chars > ROW_CHARS:
            where = f"line {self._row_line:,}"
            raise MalformedDatasetError(
                f"{where}: this row has over {ROW_CHARS:,} characters; is there a quote that is not closed?"
            )

    def _next_chunk(self) -> str:
        try:
            return next(filter(None, self._chunks), "")
        except _UnreadableError as error:
            line = self.number + 1 + self._pending.endswith("\r")
            raise MalformedDatasetError(f"line {line:,}: {error}") from error


def _unmarked(head: bytes) -> str:
    """Judge a text without a byte order mark.

    It is UTF-16 where, read so, at least half of it are Latin letters, digits and what stands between them, and none of
    it is a control character. Anything else is held to be UTF-8, and refused where it is not.
    """
    for encoding in ("utf-16-le", "utf-16-be"):
        text = head[:SNIFFED_BYTES].decode(encoding, "ignore")
        if text and 2 * sum(map("\u0100".__gt__, text)) >= len(text) and not CONTROL.search(text):
            return encoding
    return "utf-8"


def _decoded(chunks: Iterator[bytes], encoding: str, offset: int) -> Iterator[str]:
    """Yield the text; where it ends to be one, first what comes before that place, then the error.

    `offset` is the place of the first byte.
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
            fault = f"byte {byte:#04x} at offset {place:,} is not {encoding.upper()}: {error.reason}"
        before, nul, _ = text.partition("\0")
        yield before
        if nul:
            fault = "a NUL character: this is no text, or UTF-16 without a byte order mark"
        if fault:
            raise _UnreadableError(fault)
