"""Finds the delimiter of a dataset: the one in a `sep=` line, or the best fit."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile, islice
from typing import Final

DELIMITERS: Final = (",", ";", "\t", "|")
SNIFFED_ROWS: Final = 100
# Excel reads the delimiter from a first line such as `sep=;`. Some writers quote the line, write the tab as `\t`, or
# append delimiters.
NAMED: Final = re.compile(r'\s*("?)(?i:sep)=(\\t|[^"\r\n])\2*\1[ \t]*(?:[\r\n]|\Z)')
# Punctuation in a cell: a comma or semicolon before a space or at the end, and a comma between two digits.
PUNCTUATION: Final = re.compile(r"[,;](?=\s|\Z)|(?<=[0-9]),(?=[0-9])")


def reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Return the rows of the lines."""
    # A blank between a delimiter and a quote is skipped. RFC 4180 forbids it, but many programs write it.
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != " ")


def named(head: str) -> str | None:
    """Return the delimiter in a `sep=` line, None if the first line that is not blank is not one."""
    found = NAMED.match(head)
    return found and found[2].replace("\\t", "\t")


def detect(head: str) -> str:
    """Return the delimiter with which most rows have as many fields as the header, and the cleanest cells.

    It is the comma if no delimiter occurs in the header: then there is one column. (`csv.Sniffer` can guess letters.)
    """
    fits: dict[str, tuple[float, int]] = {}
    for delimiter in DELIMITERS:
        found = reader(io.StringIO(head, newline=""), delimiter)
        filled = dropwhile(_is_blank, (row for row in found if len(row) > 1 or not _is_blank(row)))
        rows = list(islice(filled, SNIFFED_ROWS))
        if not head.endswith(("\n", "\r")) and len(rows) > 1:
            rows.pop()  # the row may continue after the head
        width = len(rows[0]) if rows else 0
        if width > 1:
            alike = sum(len(row) == width for row in rows) / len(rows)
            fits[delimiter] = (alike * _cleanness(rows, delimiter), width)
    return max(fits, key=lambda delimiter: fits[delimiter], default=",")


def _is_blank(row: Sequence[str]) -> bool:
    """Return whether a row has only blanks."""
    return not "".join(row).strip()


def _cleanness(rows: Sequence[Sequence[str]], delimiter: str) -> float:
    """Return the share of cells without another delimiter, except as punctuation.

    Example: if `1,50;coffee` follows `amount, EUR;label`, commas and semicolons both give two fields in every row. But
    with commas, half of the cells have a semicolon.
    """
    others = set(DELIMITERS) - {delimiter}
    cells = [cell for row in rows for cell in row]
    return sum(others.isdisjoint(PUNCTUATION.sub("", cell)) for cell in cells) / len(cells)
