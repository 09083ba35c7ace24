"""The changes between two inventories, and how they are reported."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

from functions.diff_inventory.model import Component

NAMED: Final = 40  # of each kind; with names of 120 characters the event stays far under what the bus takes
TEXT_LENGTH: Final = 120
KINDS: Final = ("added", "removed", "upgraded", "downgraded", "changed")
KEY_BYTES: Final = 1_024
CUT_KEY: Final = re.compile(r"~[0-9a-f]{16}\Z")


@dataclass(frozen=True, slots=True)
class Change:
    """One component's version before and after; None where it was not there."""

    component: Component
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All changes by their kind, each in the order of the components.

    `changed` has the versions of which no order says which is newer, such as two digests or two builds of a release.
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

    `baseline` says that there was no version to compare with.
    """
    kinds = {kind: [_brief(change) for change in getattr(changes, kind)[:NAMED]] for kind in KINDS}
    counts = {kind: len(getattr(changes, kind)) for kind in KINDS}
    return {"baseline": baseline, "counts": counts, **kinds}


def report_key(key: str) -> str:
    """Return the key of the list of changes of the inventory at `key`: at most 1,024 bytes."""
    if len(f"{key}.changes.json".encode()) <= KEY_BYTES and not CUT_KEY.search(key):
        return f"{key}.changes.json"
    mark = f"~{hashlib.sha256(key.encode()).hexdigest()[:16]}.changes.json"
    return key.encode()[: KEY_BYTES - len(mark)].decode(errors="ignore") + mark


def _full(change: Change) -> dict[str, str]:
    component = change.component
    facts = {"type": component.type, "name": component.title, "purl": component.purl}
    return {name: value for name, value in facts.items() if value} | _versions(change)


def _brief(change: Change) -> dict[str, str]:
    facts = {"name": change.component.title, **_versions(change)}
    return {name: _cut(value) for name, value in facts.items()}


def _versions(change: Change) -> dict[str, str]:
    if change.before is None:
        return {"version": change.after or ""}
    return {"version": change.before} if change.after is None else {"from": change.before, "to": change.after}


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1] + "…"
