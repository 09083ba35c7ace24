"""The profile of a dataset."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

# The kinds of a single value; `not_finite` is NaN, Infinity, or a number beyond a double, such as 1e999.
type Kind = Literal["integer", "number", "not_finite", "boolean", "date", "datetime", "text"]
type Value = Any  # an int, a float, a date, or a time with its zone; the values of one kind have an order

# The slowest content, short distinct numbers, was measured at 2.6 MiB/s: 200 s of the declared 900.
LIMIT_BYTES: Final = 512 * 1024 * 1024
ROW_CHARS: Final = 1024 * 1024
COLUMNS: Final = 10_000
EXAMPLES: Final = 5
TEXT_LENGTH: Final = 120  # of names and examples from a dataset, in characters
# Numbers with a fraction are divided by it before they are added, so that no sum of finite numbers becomes infinite.
# The division is exact because it is a power of two.
SCALE: Final = 2.0**40


@dataclass(slots=True)
class Extent:
    """A column's values of one kind: their count, minimum, maximum and sum. The sum of floats is scaled."""

    count: int = 0
    least: Value = None
    most: Value = None
    total: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its header as written, the values of each kind, and the lengths of its values in characters."""

    header: str
    nulls: int
    extents: Mapping[Kind, Extent]
    shortest: int
    longest: int
    distinct: int
    distinct_is_estimate: bool
    examples: tuple[str, ...]


@dataclass(slots=True)
class Ragged:
    """Rows with more or fewer fields than the header: their count, and the line numbers of the first ones."""

    count: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset: its format, and its columns in order.

    Up to `distinct_limit` distinct values of a column are counted exactly. Beyond, the count is an estimate with the
    relative standard error `distinct_error`.
    """

    encoding: str
    byte_order_mark: bool
    delimiter: str
    rows: int
    blank_lines: int
    short: Ragged
    long: Ragged
    distinct_limit: int
    distinct_error: float
    columns: tuple[Column, ...]
