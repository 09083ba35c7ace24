"""A CycloneDX inventory in; what changed since the version processed before, and `inventory.changed`, out."""

import json

from functions.diff_inventory.comparison import compare
from functions.diff_inventory.logic import announce, describe, report_key
from functions.diff_inventory.model import EMPTY, Inventory, MalformedInventoryError, parse
from functions.runtime import Event, Permanent, Run, entrypoint

DELETED = "Object Deleted"


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Compare; one that is no inventory is rejected, one in which nothing changed tells nobody."""
    try:
        after = EMPTY if event.type == DELETED else parse(run.read(event))
    except MalformedInventoryError as error:
        raise Permanent(str(error)) from error
    before = _before(run)
    changes = compare(before or EMPTY, after)
    if changes.none:
        return
    body = json.dumps(describe(changes), ensure_ascii=False, indent=2).encode()
    run.write("artifacts", report_key(event.subject.split("/", 3)[3]), body, content_type="application/json")
    run.emit("inventory.changed", announce(changes, baseline=before is None), subject=event.subject)


def _before(run: Run) -> Inventory | None:
    """Return the inventory processed before; None where there was none, or its version is no longer kept."""
    if run.previous is None or run.previous.type == DELETED:
        return EMPTY if run.previous else None
    try:
        return parse(run.read(run.previous))
    except Permanent as error:
        run.log.warning("the version before cannot be read", reason=str(error))
        return None
