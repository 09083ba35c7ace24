"""When an item is purchased, and how many packs.

Between the two marks the state does not change: an item that fell below the low mark stays breached, and is not
requested again, until its level reaches the refill mark. Only the newest level counts. If the event of a refill arrives
after the event of the next fall, it is stale, and that fall belongs to the same breach.
"""

from typing import Any

from functions.replenish_stock.model import Stock


def judge(stock: Stock, *, breached: bool) -> bool:
    """Return whether the item is breached at its new level; `breached` is the state before."""
    if breached:
        return stock.level < stock.refill_mark
    return stock.level < stock.low_mark


def request(stock: Stock) -> dict[str, Any]:
    """Return the data of `purchase.requested`: the whole packs that bring the level to the refill mark."""
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
