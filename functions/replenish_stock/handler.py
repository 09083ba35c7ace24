"""An item's new level in, `purchase.requested` out where it breaches the low mark; `run.state` knows of the breach."""

from functions.replenish_stock.logic import judge, request
from functions.replenish_stock.model import Stock
from functions.runtime import Event, Permanent, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Request once per breach; the breach ends when the level reaches the refill mark."""
    try:
        stock = Stock.read(event.subject, event.data)
    except (KeyError, TypeError, ValueError) as error:
        raise Permanent(f"{event.type} breaks its contract: {error!r}") from error
    breached = judge(stock, breached=bool(run.state.get("breached")))
    if breached and not run.state.get("breached"):
        run.emit("purchase.requested", request(stock), subject=event.subject)
    run.state["breached"] = breached
