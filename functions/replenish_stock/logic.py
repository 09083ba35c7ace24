"""When an item is to be bought, and how much of it.

Between the two marks nothing changes: an item that fell below the low mark stays breached, and is requested no more,
until its level has reached the refill mark. Only the newest level counts: a refill that is told after the next fall
is stale, and that fall belongs to the same breach.
"""

from typing import Any

from functions.replenish_stock.model import Stock


def judge(stock: Stock, *, breached: bool) -> bool:
    """Return whether the item is breached at its new level, given whether it was before."""
    if breached:
        return stock.level < stock.refill_mark
    return stock.level < stock.low_mark


def request(stock: Stock) -> dict[str, Any]:
    """Return the data of `purchase.requested`: as many whole packs as bring the level to the refill mark."""
    packs = -(-(stock.refill_mark - stock.level) // stock.pack_size)
    return {
        "sku": stock.sku,
        "quantity": packs * stock.pack_size,
        "packs": packs,
        "pack_size": stock.pack_size,
        "level": stock.level,
        "low_mark": stock.low_mark,
        "refill_mark": stock.refill_mark,
    }
