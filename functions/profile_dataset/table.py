"""From lines to a header and blocks of rows, by Python's csv module; what is not rectangular is counted, not lost."""

import csv
from collections.abc import Iterator, Sequence
from typing import Final

from functions.profile_dataset import delimiters
from functions.profile_dataset.model import COLUMNS, ROW_CHARS, MalformedDatasetError, Ragged
from functions.profile_dataset.text import Text

BLOCK_CELLS: Final = 256 * 1024
BLOCK_LINES: Final = 4 * 1024
LINES_NAMED: Final = 10


class Table:
    """The rows of a text below its header, which is its first line that is not blank and does not name the delimiter.

    A row that has too few fields has nulls in the columns it does not reach; of one that has too many, those beyond
    the header are left out. Both are counted, with the first ten lines in which one begins.
    """

    def __init__(self, text: Text) -> None:
        """Read the header; MalformedDatasetError where there is none."""
        # The limit of csv, for all of the process, is lower than ours and knows no line: Lines is asked instead.
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
            raise MalformedDatasetError("the dataset has no header: it is blank")
        if len(self.header) > COLUMNS:
            raise MalformedDatasetError(f"the header has {len(self.header):,} columns, more than {COLUMNS:,}")

    def blocks(self) -> Iterator[Sequence[tuple[str, ...]]]:
        """Yield the cells of some rows at a time, column by column."""
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
        """Yield each row with the line in which it begins."""
        for row in delimiters.reader(self._lines, self.delimiter):
            line, self._chars = self._lines.end_row()
            if self._lines.ended:  # only a row that goes on asks for another line
                raise MalformedDatasetError(f"line {line:,}: a quote that is opened in this row is never closed")
            # Below the header, a line of tabs can be a row of empty cells.
            if (len(row) <= 1 or not self.header) and not self._lines.last.strip():
                self.blank_lines += 1
            else:
                yield line, row
