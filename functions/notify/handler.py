"""Sends a notice about a report with failures or about a changed inventory."""

from functions.notify.logic import inventory_notice, report_notice
from functions.notify.model import ChangedInventory, PublishedReport
from functions.runtime import Event, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Publish one notice. The runtime has checked the data against its contract."""
    if event.type == "inventory.changed":
        notice = inventory_notice(ChangedInventory.read(event.subject, event.data))
    else:
        notice = report_notice(PublishedReport.read(event.subject, event.data))
    run.publish("notices", title=notice.title, text=notice.text)
