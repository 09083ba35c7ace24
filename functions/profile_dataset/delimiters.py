"""Which character divides the fields of a dataset: the one that its first line names, or the one that fits best."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile, islice
from typing import Final

DELIMITERS: Final = (",", ";", "\t", "|")
SNIFFED_ROWS: Final = 100
# Excel takes the delimiter from a first line such as `sep=;`. Some writers quote it, spell the tab as `\t`, or fill the
# line up with delimiters.
NAMED: Final = re.compile(r'\s*("?)(?i:sep)=(\\t|[^"\r\n])\2*\1[ \t]*(?:[\r\n]|\Z)')
# In a cell these are punctuation: a comma or semicolon before a space or at the end, and a comma between two digits.
PUNCTUATION: Final = re.compile(r"[,;](?=\s|\Z)|(?<=[0-9]),(?=[0-9])")


def reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Return the rows of lines."""
    # A blank between a delimiter and a quote is no part of the value, whatever RFC 4180 says: many write it.
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != " ")


def named(head: str) -> str | None:
    """Return the delimiter that the first line of a text names, if it is not blank; None where it names none."""
    found = NAMED.match(head)
    return found and found[2].replace("\\t", "\t")


def detect(head: str) -> str:
    """Return the delimiter by which the first rows have as many fields as the header and the cleanest cells.

    It is the comma where none divides the header: then there is one column. (`csv.Sniffer` guesses letters, too.)
    """
    fits: dict[str, tuple[float, int]] = {}
    for delimiter in DELIMITERS:
        found = reader(io.StringIO(head, newline=""), delimiter)
        filled = dropwhile(_is_blank, (row for row in found if len(row) > 1 or not _is_blank(row)))
        rows = list(islice(filled, SNIFFED_ROWS))
        if not head.endswith(("\n", "\r")) and len(rows) > 1:
            rows.pop()  # it goes on behind the head, perhaps
        width = len(rows[0]) if rows else 0
        if width > 1:
            alike = sum(len(row) == width for row in rows) / len(rows)
            fits[delimiter] = (alike * _cleanness(rows, delimiter), width)
    return max(fits, key=lambda delimiter: fits[delimiter], default=",")


def _is_blank(row: Sequence[str]) -> bool:
    """Return whether there is nothing in a row but blanks."""
    return not "".join(row).strip()


def _cleanness(rows: Sequence[Sequence[str]], delimiter: str) -> float:
    """Return the share of cells in which no other delimiter stands but as punctuation.

    Where `amount, EUR;label` is followed by `1,50;coffee`, commas and semicolons both give two fields in every row, but
    of those between commas half have a semicolon in them.
    """
    others = set(DELIMITERS) - {delimiter}
    cells = [cell for row in rows for cell in row]
    return sum(others.isdisjoint(PUNCTUATION.sub("", cell)) for cell in cells) / len(cells)
