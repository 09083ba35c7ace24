"""Compares a CycloneDX inventory with the version processed before, and emits `inventory.changed`."""

import json

from functions.diff_inventory.comparison import compare
from functions.diff_inventory.logic import announce, describe
from functions.diff_inventory.model import EMPTY, Inventory, parse
from functions.runtime import Event, Permanent, Run, entrypoint
from functions.runtime.core.text import derived_key

DELETED = "Object Deleted"


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Compare the two versions. Without a change, nothing is written or emitted."""
    after = EMPTY if event.type == DELETED else parse(run.read(event))
    before = _before(run)
    changes = compare(before or EMPTY, after)
    if changes.none:
        return
    body = json.dumps(describe(changes), ensure_ascii=False, indent=2).encode()
    run.write("artifacts", derived_key(event.key, ".changes.json"), body, content_type="application/json")
    run.emit("inventory.changed", announce(changes, baseline=before is None), subject=event.subject)


def _before(run: Run) -> Inventory | None:
    """Return the inventory processed before; None if there was none, or if its version no longer exists."""
    if run.previous is None or run.previous.type == DELETED:
        return EMPTY if run.previous else None
    try:
        return parse(run.read(run.previous))
    except Permanent as error:
        run.log.warning("previous version cannot be read", reason=str(error))
        return None
