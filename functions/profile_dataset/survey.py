"""Profiles the bytes of a dataset in one pass. The memory use does not grow with the dataset."""

from typing import BinaryIO

from functions.profile_dataset import distinct
from functions.profile_dataset.columns import Tally
from functions.profile_dataset.model import Dataset
from functions.profile_dataset.table import Table
from functions.profile_dataset.text import Text


def survey(stream: BinaryIO) -> Dataset:
    """Read a dataset to its end; MalformedError if it is not CSV, or any error of the stream."""
    text = Text.of(stream)
    table = Table(text)
    limit = distinct.limit(len(table.header))
    tallies = [Tally(limit) for _ in table.header]
    for block in table.blocks():
        for tally, cells in zip(tallies, block, strict=True):
            tally.add(cells)
    return Dataset(
        encoding=text.encoding,
        byte_order_mark=text.byte_order_mark,
        delimiter=table.delimiter,
        rows=table.rows,
        blank_lines=table.blank_lines,
        short=table.short,
        long=table.long,
        distinct_limit=limit,
        distinct_error=distinct.error(limit),
        columns=tuple(tally.result(header) for tally, header in zip(tallies, table.header, strict=True)),
    )
