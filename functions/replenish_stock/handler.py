"""Emits `purchase.requested` when an item falls below its low mark. `run.state` records the breach."""

from functions.replenish_stock.logic import judge, request
from functions.replenish_stock.model import Stock
from functions.runtime import Event, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Request once per breach. The breach ends when the level reaches the refill mark."""
    stock = Stock.read(event.subject, event.data)
    breached = judge(stock, breached=bool(run.state.get("breached")))
    if breached and not run.state.get("breached"):
        run.emit("purchase.requested", request(stock), subject=event.subject)
    run.state["breached"] = breached
