"""What changed between two inventories, and how it is told."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from functions.diff_inventory.model import Component, Inventory

NAMED: Final = 40  # of each kind; with names of 120 characters the event stays far under what the bus takes
TEXT_LENGTH: Final = 120
KINDS: Final = ("added", "removed", "upgraded", "downgraded")
KEY_BYTES: Final = 1_024
CUT_KEY: Final = re.compile(r"~[0-9a-f]{16}\Z")
PART: Final = re.compile(r"[0-9]+|[a-z]+")
NUMBER: Final = 1
END: Final = (-1, 0, "")
# Words before a release, from the earliest: SemVer, PEP 440 and Maven name them alike. Every other word comes after.
BEFORE_RELEASE: Final = {
    word: rank
    for rank, words in enumerate(
        (
            ("dev", "nightly"),
            ("alpha", "a"),
            ("beta", "b"),
            ("milestone", "m"),
            ("pre", "preview", "rc", "cr", "c", "snapshot"),
        ),
        start=-6,
    )
    for word in words
}


@dataclass(frozen=True, slots=True)
class Change:
    """One component's version before and after; None where it was not there."""

    component: Component
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All changes by their kind, each in the order of the components."""

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    upgraded: tuple[Change, ...]
    downgraded: tuple[Change, ...]

    @property
    def none(self) -> bool:
        """Whether nothing changed."""
        return not (self.added or self.removed or self.upgraded or self.downgraded)


def compare(before: Inventory, after: Inventory) -> Changes:
    """Return what turns one inventory into the other.

    A component may be there in several versions: those in both cancel each other out, the rest is paired in order.
    """
    found = list(_changes(before, after))
    both = [change for change in found if change.before is not None and change.after is not None]
    up = {change for change in both if version_key(change.after or "") >= version_key(change.before or "")}
    return Changes(
        added=tuple(change for change in found if change.before is None),
        removed=tuple(change for change in found if change.after is None),
        upgraded=tuple(change for change in both if change in up),
        downgraded=tuple(change for change in both if change not in up),
    )


def version_key(version: str) -> tuple[Any, ...]:
    """Return what orders versions: numbers as numbers, words before a release below it, others above it.

    Build metadata (after `+`) counts last, as text. No version at all is below every version.
    """
    release, _, build = version.lower().partition("+")
    parts = PART.findall(release.removeprefix("v"))
    # Each part as (kind, digits of a number, number or word); the end of a version lies between what comes before a
    # release and after it. Numbers are compared by their digits: Python's int refuses more than 4,300 of them.
    ranked: list[tuple[int, int, str]] = [END]
    for part in reversed(parts):
        digits = part.lstrip("0")
        if not part.isdecimal():
            ranked.append((BEFORE_RELEASE.get(part, 0), 0, part))
        elif digits or ranked[-1][0] == NUMBER:  # 1.0 is 1, and 1.0-rc is 1-rc
            ranked.append((NUMBER, len(digits), digits))
    return bool(version), ranked[::-1], build, version


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


def _changes(before: Inventory, after: Inventory) -> Iterator[Change]:
    for component in sorted({*before.versions, *after.versions}):
        old, new = (each.versions.get(component, Counter()) for each in (before, after))
        gone, come = sorted((old - new).elements(), key=version_key), sorted((new - old).elements(), key=version_key)
        for earlier, later in zip_longest(gone, come):
            yield Change(component, earlier, later)


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
