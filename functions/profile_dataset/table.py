"""Reads lines as a header and blocks of rows, with Python's csv module. Ragged rows are counted and kept."""

import csv
from collections.abc import Iterator, Sequence
from typing import Final

from functions.profile_dataset import delimiters
from functions.profile_dataset.model import COLUMNS, ROW_CHARS, Ragged
from functions.profile_dataset.text import Text
from functions.runtime.core.errors import MalformedError

BLOCK_CELLS: Final = 256 * 1024
BLOCK_LINES: Final = 4 * 1024
LINES_NAMED: Final = 10


class Table:
    """The rows of a text below its header. The header is the first line that is not blank and not a `sep=` line.

    A row with too few fields is filled with nulls; extra fields are left out. Both kinds of rows are counted, with the
    line numbers of the first ten.
    """

    def __init__(self, text: Text) -> None:
        """Read the header; MalformedError if there is none."""
        # csv's default limit is lower than ours, and its error has no line number. `Lines` enforces the limit instead.
        csv.field_size_limit(ROW_CHARS)
        named = delimiters.named(text.head)
        self.delimiter = named or delimiters.detect(text.head)
        self.rows = self.blank_lines = self._chars = 0
        self.short, self.long = Ragged(), Ragged()
        self._lines = text.lines
        self.header: list[str] = []
        self._records = self._read()
        if named:
            next(self._records)
        _, self.header = next(self._records, (0, []))
        if not self.header:
            raise MalformedError("the dataset", "has no header: it is blank")
        if len(self.header) > COLUMNS:
            raise MalformedError("the header", f"has {len(self.header):,} columns, more than {COLUMNS:,}")

    def blocks(self) -> Iterator[Sequence[tuple[str, ...]]]:
        """Yield blocks of rows, each as one tuple of cells per column."""
        width = len(self.header)
        most = max(1, min(BLOCK_LINES, BLOCK_CELLS // width))
        rows: list[list[str]] = []
        chars = 0
        for line, row in self._records:
            self.rows += 1
            if len(row) != width:
                self._note(line, row)
            rows.append(row)
            chars += self._chars
            if len(rows) >= most or chars > ROW_CHARS:
                yield list(zip(*rows, strict=True))
                rows, chars = [], 0
        if rows:
            yield list(zip(*rows, strict=True))

    def _note(self, line: int, row: list[str]) -> None:
        width = len(self.header)
        ragged = self.short if len(row) < width else self.long
        ragged.count += 1
        if len(ragged.lines) < LINES_NAMED:
            ragged.lines.append(line)
        row[width:] = [""] * (width - len(row))

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with the number of its first line."""
        for row in delimiters.reader(self._lines, self.delimiter):
            line, self._chars = self._lines.end_row()
            if self._lines.ended:  # csv reads past the last line only inside an open quote
                raise MalformedError(f"line {line:,}", "opens a quote that is never closed")
            # Below the header, a line of tabs may be a row of empty cells.
            if (len(row) <= 1 or not self.header) and not self._lines.last.strip():
                self.blank_lines += 1
            else:
                yield line, row
