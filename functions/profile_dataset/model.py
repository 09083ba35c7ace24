"""What is found out about a dataset, before anything is decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

# The kinds of a single value; `not_finite` is NaN, Infinity, or a number no double holds, such as 1e999.
type Kind = Literal["integer", "number", "not_finite", "boolean", "date", "datetime", "text"]
type Value = Any  # an int, a float, a date or a time with its zone: values of one kind have an order

# At the slowest, short distinct numbers, 2.6 MiB a second were measured: 200 s of the 900 that the declaration gives.
LIMIT_BYTES: Final = 512 * 1024 * 1024
ROW_CHARS: Final = 1024 * 1024
COLUMNS: Final = 10_000
EXAMPLES: Final = 5
TEXT_LENGTH: Final = 120  # of what is repeated from a dataset: names and examples
# By which numbers with a fraction are divided before they are added up: no sum of finite ones becomes infinite, and
# nothing is lost, since it is a power of two.
SCALE: Final = 2.0**40


class MalformedDatasetError(ValueError):
    """The content is no CSV dataset; the message says what is wrong, and in which line."""


@dataclass(slots=True)
class Extent:
    """A column's values of one kind: how many, the least, the greatest and their sum; that of floats is scaled."""

    count: int = 0
    least: Value = None
    most: Value = None
    total: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its header as written, the values of each kind, the lengths of all values in characters."""

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
    """Rows with another number of fields than the header: how many, and the lines in which the first ones begin."""

    count: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset: how it is written, and its columns in their order.

    Up to `distinct_limit` distinct values of a column are counted exactly; beyond, an estimate has the relative
    standard error `distinct_error`.
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
