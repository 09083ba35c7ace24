"""What a dataset's columns are called and of which type they are, and how all of it is told."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, Final

from functions.profile_dataset.model import SCALE, TEXT_LENGTH, Column, Dataset, Extent, Kind

# The first type that has room for all of a column's values; what fits into none before is text.
TYPES: Final[dict[str, frozenset[Kind]]] = {
    "empty": frozenset(),
    "integer": frozenset({"integer"}),
    "number": frozenset({"integer", "number", "not_finite"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"date", "datetime"}),
}
KEY_BYTES: Final = 1_024  # the longest key S3 takes
CUT_KEY: Final = re.compile(r"~[0-9a-f]{16}\Z")


def describe(dataset: Dataset, subject: str) -> dict[str, Any]:
    """Return the profile of a dataset as JSON-ready values; `subject` names the dataset."""
    kept = ("encoding", "byte_order_mark", "delimiter", "rows", "blank_lines", "distinct_limit")
    names = _names([column.header for column in dataset.columns])
    return {
        "dataset": subject,
        **{name: getattr(dataset, name) for name in kept},
        "distinct_standard_error": round(dataset.distinct_error, 4),
        "short_rows": asdict(dataset.short),
        "long_rows": asdict(dataset.long),
        "columns": [{"name": name} | _describe(column) for name, column in zip(names, dataset.columns, strict=True)],
    }


def announce(dataset: Dataset, profile: str) -> dict[str, Any]:
    """Return the data of `dataset.profiled`; `profile` is the subject of the profile."""
    return {
        "profile": profile,
        "rows": dataset.rows,
        "columns": len(dataset.columns),
        "encoding": dataset.encoding,
        "delimiter": dataset.delimiter,
        "short_rows": dataset.short.count,
        "long_rows": dataset.long.count,
    }


def profile_key(key: str) -> str:
    """Return the key of the profile of the dataset at `key`: at most 1,024 bytes, different for different keys."""
    # A dataset whose own key looks like one that was cut is marked as well, or the two could meet.
    if len(f"{key}.profile.json".encode()) <= KEY_BYTES and not CUT_KEY.search(key):
        return f"{key}.profile.json"
    mark = f"~{hashlib.sha256(key.encode()).hexdigest()[:16]}.profile.json"
    return key.encode()[: KEY_BYTES - len(mark)].decode(errors="ignore") + mark


def type_of(column: Column) -> str:
    """Return the type of a column, decided by all its values: the narrowest that has room for them, or text."""
    return next((name for name, kinds in TYPES.items() if column.extents.keys() <= kinds), "text")


def _names(headers: Sequence[str]) -> Iterator[str]:
    """Name each column unlike the others: the third without a name is `column 3`, the second `a` is `a (2)`."""
    taken: set[str] = set()
    again: dict[str, Iterator[int]] = {}
    for number, header in enumerate(headers, start=1):
        base = name = _cut(header.strip()) or f"column {number}"
        while name in taken:
            name = f"{base} ({next(again.setdefault(base, count(2)))})"
        taken.add(name)
        yield name


def _describe(column: Column) -> dict[str, Any]:
    kind = type_of(column)
    return {
        "header": _cut(column.header),
        "type": kind,
        "kinds": {kind: extent.count for kind, extent in column.extents.items()},
        "nulls": column.nulls,
        "distinct": column.distinct,
        "distinct_is_estimate": column.distinct_is_estimate,
        **_range(column, kind),
        "examples": [_cut(example) for example in column.examples],
    }


def _range(column: Column, kind: str) -> dict[str, Any]:
    """Return what the values lie between, and the mean of numbers; None where none of them is finite."""
    if kind in {"empty", "boolean"}:
        return {}
    if kind == "text":
        return {"min_length": column.shortest, "max_length": column.longest}
    bounds = [bound for extent in column.extents.values() for bound in (extent.least, extent.most)]
    if kind == "datetime":
        bounds = [_moment(bound) for bound in bounds]
    known = [bound for bound in bounds if bound is not None]
    if not known:
        return {"min": None, "max": None, "mean": None}
    least, most = min(known), max(known)
    if kind in {"date", "datetime"}:
        return {"min": least.isoformat(), "max": most.isoformat()}
    return {"min": least, "max": most, "mean": min(max(_mean(column), least), most)}


def _mean(column: Column) -> float:
    integers, numbers = (column.extents.get(kind, Extent()) for kind in ("integer", "number"))
    if not numbers.count:
        return integers.total / integers.count
    return (integers.total / SCALE + numbers.total) / (integers.count + numbers.count) * SCALE


def _moment(day: date) -> datetime:
    """Return the first moment of a day, in UTC, and any moment as it is."""
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day, tzinfo=UTC)


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1] + "…"
