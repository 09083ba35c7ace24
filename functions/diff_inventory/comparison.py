"""Compares two inventories."""

from collections import Counter
from collections.abc import Iterator

from functions.diff_inventory.logic import KINDS, Change, Changes
from functions.diff_inventory.model import Component, Inventory


def compare(before: Inventory, after: Inventory) -> Changes:
    """Return the changes from one inventory to the other.

    A component can have several versions. Versions in both inventories are ignored; the others are paired in order.
    """
    kinds: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    if any(_only_in(before, after)) and any(_only_in(after, before)):
        from functions.diff_inventory.matching import matched  # noqa: PLC0415 - most runs and cold starts do not need it

        for kind, change in matched(before, after):
            kinds[kind].append(change)
    else:
        kinds["removed"] = [Change(component, version, None) for component, version in _only_in(before, after)]
        kinds["added"] = [Change(component, None, version) for component, version in _only_in(after, before)]
    return Changes(**{kind: tuple(sorted(changes, key=_place)) for kind, changes in kinds.items()})


def _only_in(one: Inventory, other: Inventory) -> Iterator[tuple[Component, str]]:
    nothing: Counter[str] = Counter()
    for component, versions in one.versions.items():
        for version in (versions - other.versions.get(component, nothing)).elements():
            yield component, version


def _place(change: Change) -> tuple[Component, str, str]:
    return change.component, change.before or "", change.after or ""
