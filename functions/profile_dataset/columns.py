"""Counts the values of one column, block by block."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import mul

from functions.profile_dataset import values
from functions.profile_dataset.distinct import Distinct
from functions.profile_dataset.model import EXAMPLES, SCALE, TEXT_LENGTH, Column, Extent, Kind, Value


class Tally:
    """Counts a column's values. Surrounding blanks are stripped, and a blank cell is null."""

    def __init__(self, exact: int) -> None:
        """Start empty. Up to `exact` distinct values are counted exactly."""
        self._nulls = 0
        self._extents: dict[Kind, Extent] = {}
        self._shortest = self._longest = 0  # 0 means no value yet: an empty value is null
        self._examples: list[str] = []
        self._distinct = Distinct(exact)

    def add(self, cells: Sequence[str]) -> None:
        """Add a block. A repeated value is examined once."""
        counts = Counter(map(str.strip, cells))
        self._nulls += counts.pop("", 0)
        if not counts:
            return
        for kind, found in values.by_kind(counts).items():
            _extend(self._extents.setdefault(kind, Extent()), kind, found, [counts[text] for text in found])
        lengths = [len(text) for text in counts]
        self._shortest = min(self._shortest or lengths[0], *lengths)
        self._longest = max(self._longest, *lengths)
        self._distinct.add(counts)
        if len(self._examples) < EXAMPLES:
            known = dict.fromkeys([*self._examples, *(text[: TEXT_LENGTH + 1] for text in counts)])
            self._examples = list(known)[:EXAMPLES]

    def result(self, header: str) -> Column:
        """Return the profile of the column."""
        return Column(
            header=header,
            nulls=self._nulls,
            extents=self._extents,
            shortest=self._shortest,
            longest=self._longest,
            distinct=self._distinct.count,
            distinct_is_estimate=self._distinct.is_estimate,
            examples=tuple(self._examples),
        )


def _extend(extent: Extent, kind: Kind, found: Mapping[str, Value], times: Sequence[int]) -> None:
    extent.count += sum(times)
    if kind in values.READERS:
        least, most = min(found.values()), max(found.values())
        extent.least = least if extent.least is None else min(extent.least, least)
        extent.most = most if extent.most is None else max(extent.most, most)
    if kind == "integer":
        extent.total += sum(map(mul, found.values(), times))
    elif kind == "number":
        extent.total += math.fsum(value / SCALE * often for value, often in zip(found.values(), times, strict=True))
