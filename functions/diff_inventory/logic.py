"""The changes between two inventories, and the data of the report and the event."""

from dataclasses import dataclass
from typing import Any, Final

from functions.diff_inventory.model import Component
from functions.runtime.core.text import cut

NAMED: Final = 40  # of each kind; with names of 120 characters the event stays far below EventBridge's size limit
TEXT_LENGTH: Final = 120
KINDS: Final = ("added", "removed", "upgraded", "downgraded", "changed")


@dataclass(frozen=True, slots=True)
class Change:
    """The version of one component before and after; None if the component was absent."""

    component: Component
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All changes by kind, each kind in the order of the components.

    `changed` has the versions without an order, such as two digests or two builds of a release.
    """

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    upgraded: tuple[Change, ...]
    downgraded: tuple[Change, ...]
    changed: tuple[Change, ...]

    @property
    def none(self) -> bool:
        """Whether nothing changed."""
        return not any(getattr(self, kind) for kind in KINDS)


def describe(changes: Changes) -> dict[str, Any]:
    """Return every change as JSON-ready values."""
    return {kind: [_full(change) for change in getattr(changes, kind)] for kind in KINDS}


def announce(changes: Changes, *, baseline: bool) -> dict[str, Any]:
    """Return the data of `inventory.changed`: all counts, and the first forty changes of each kind.

    `baseline` is true for the first inventory of a subject, which has no earlier version.
    """
    kinds = {kind: [_brief(change) for change in getattr(changes, kind)[:NAMED]] for kind in KINDS}
    counts = {kind: len(getattr(changes, kind)) for kind in KINDS}
    return {"baseline": baseline, "counts": counts, **kinds}


def _full(change: Change) -> dict[str, str]:
    component = change.component
    facts = {"type": component.type, "name": component.title, "purl": component.purl}
    return {name: value for name, value in facts.items() if value} | _versions(change)


def _brief(change: Change) -> dict[str, str]:
    facts = {"name": change.component.title, **_versions(change)}
    return {name: cut(value, TEXT_LENGTH) for name, value in facts.items()}


def _versions(change: Change) -> dict[str, str]:
    if change.before is None:
        return {"version": change.after or ""}
    return {"version": change.before} if change.after is None else {"from": change.before, "to": change.after}
