"""An item and its stock level, from `stock.level_changed`. The contract guarantees the fields and their types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from functions.runtime.core.errors import MalformedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """An item and its level in units; `pack_size` is the number of units in one pack.

    `level` is negative when more units were sold than were in stock.
    """

    sku: str
    level: int
    low_mark: int
    refill_mark: int
    pack_size: int

    @classmethod
    def read(cls, subject: str, data: Mapping[str, Any]) -> Self:
        """Read the event's data; MalformedError when the subject or the marks contradict the other fields."""
        whole = {name: int(data[name]) for name in ("level", "low_mark", "refill_mark", "pack_size")}  # JSON: 5.0 is 5
        stock = cls(sku=data["sku"], **whole)
        if subject != f"item/{stock.sku}":
            raise MalformedError("the subject", "is not item/<data.sku>")
        if not stock.low_mark < stock.refill_mark:
            raise MalformedError("data.refill_mark", "is not above data.low_mark")
        return stock
