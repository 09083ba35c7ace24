"""A published report with failures or a changed inventory in, a notice to people out."""

from functions.notify.logic import tell_of_inventory, tell_of_report
from functions.notify.model import ChangedInventory, PublishedReport
from functions.runtime import Event, Permanent, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Tell people what they should look at."""
    try:
        if event.type == "inventory.changed":
            notice = tell_of_inventory(ChangedInventory.read(event.subject, event.data))
        else:
            notice = tell_of_report(PublishedReport.read(event.subject, event.data))
    except (KeyError, TypeError, ValueError) as error:
        raise Permanent(f"{event.type} breaks its contract: {error!r}") from error
    run.publish("notices", title=notice.title, text=notice.text)
