"""The names and types of a dataset's columns, and the data of the profile and the event."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, Final

from functions.profile_dataset.model import SCALE, TEXT_LENGTH, Column, Dataset, Extent, Kind
from functions.runtime.core.text import cut

# A column has the first type that includes all kinds of its values, otherwise it is text.
TYPES: Final[dict[str, frozenset[Kind]]] = {
    "empty": frozenset(),
    "integer": frozenset({"integer"}),
    "number": frozenset({"integer", "number", "not_finite"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"date", "datetime"}),
}


def describe(dataset: Dataset, subject: str) -> dict[str, Any]:
    """Return the profile of a dataset as JSON-ready values; `subject` is the dataset's `s3://` URI."""
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
    """Return the data of `dataset.profiled`; `profile` is the profile's `s3://` URI."""
    return {
        "profile": profile,
        "rows": dataset.rows,
        "columns": len(dataset.columns),
        "encoding": dataset.encoding,
        "delimiter": dataset.delimiter,
        "short_rows": dataset.short.count,
        "long_rows": dataset.long.count,
    }


def type_of(column: Column) -> str:
    """Return the narrowest type that includes all values of a column, otherwise text."""
    return next((name for name, kinds in TYPES.items() if column.extents.keys() <= kinds), "text")


def _names(headers: Sequence[str]) -> Iterator[str]:
    """Yield a unique name per column: an unnamed third column is `column 3`, a second `a` is `a (2)`."""
    taken: set[str] = set()
    again: dict[str, Iterator[int]] = {}
    for number, header in enumerate(headers, start=1):
        base = name = cut(header.strip(), TEXT_LENGTH) or f"column {number}"
        while name in taken:
            name = f"{base} ({next(again.setdefault(base, count(2)))})"
        taken.add(name)
        yield name


def _describe(column: Column) -> dict[str, Any]:
    kind = type_of(column)
    return {
        "header": cut(column.header, TEXT_LENGTH),
        "type": kind,
        "kinds": {kind: extent.count for kind, extent in column.extents.items()},
        "nulls": column.nulls,
        "distinct": column.distinct,
        "distinct_is_estimate": column.distinct_is_estimate,
        **_range(column, kind),
        "examples": [cut(example, TEXT_LENGTH) for example in column.examples],
    }


def _range(column: Column, kind: str) -> dict[str, Any]:
    """Return the minimum and maximum of the values, and the mean of numbers; None if no value is finite."""
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
    """Return the start of a day in UTC; a datetime is returned unchanged."""
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day, tzinfo=UTC)
