"""The item's record and level, as `stock.level_changed` tells them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """An item and how much of it there is, in units; `pack_size` is how many units are bought together.

    `level` is below 0 where more was sold than there was.
    """

    sku: str
    level: int
    low_mark: int
    refill_mark: int
    pack_size: int

    @classmethod
    def read(cls, subject: str, data: Mapping[str, Any]) -> Self:
        """Read the event's data; KeyError, TypeError or ValueError where it breaks the contract."""
        stock = cls(
            sku=str(data["sku"]),
            level=_whole(data, "level"),
            low_mark=_whole(data, "low_mark"),
            refill_mark=_whole(data, "refill_mark"),
            pack_size=_whole(data, "pack_size"),
        )
        if subject != f"item/{stock.sku}":
            raise ValueError(f"the subject is {subject!r}, not 'item/{stock.sku}'")
        if not stock.low_mark < stock.refill_mark:
            raise ValueError(f"refill_mark is {stock.refill_mark}, not above low_mark, which is {stock.low_mark}")
        if stock.pack_size < 1:
            raise ValueError(f"pack_size is {stock.pack_size}, below 1")
        return stock


def _whole(data: Mapping[str, Any], name: str) -> int:
    value = data[name]
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())  # to JSON, 5.0 is 5
    if not whole or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, not a whole number")
    return int(value)
