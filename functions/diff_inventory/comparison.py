"""What changed between two inventories: components are matched by their package, versions by its ecosystem's order."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cmp_to_key
from itertools import zip_longest
from typing import Final

from functions.diff_inventory.general import version_key
from functions.diff_inventory.identity import Package, package_of
from functions.diff_inventory.logic import Change, Changes
from functions.diff_inventory.model import Component, Inventory
from functions.diff_inventory.versions import compare as compare_versions
from functions.diff_inventory.versions import with_epoch

# Up to this many versions of one package are paired by its ecosystem's order, more by the general one, which is fast.
PAIRED_BY_ECOSYSTEM: Final = 50


@dataclass(frozen=True, slots=True)
class Instance:
    """One occurrence of a component: the version as the inventory writes it, and with the epoch of its package URL."""

    component: Component
    written: str
    version: str


@dataclass(slots=True)
class Group:
    """The occurrences of one package that only one of the two inventories has."""

    package: Package
    gone: list[Instance] = field(default_factory=list)
    come: list[Instance] = field(default_factory=list)


def compare(before: Inventory, after: Inventory) -> Changes:
    """Return what turns one inventory into the other.

    A component may be there in several versions: those in both cancel each other out, the rest is paired in order.
    """
    gone, come = list(_only_in(before, after)), list(_only_in(after, before))
    kinds: dict[str, list[Change]] = {"added": [], "removed": [], "upgraded": [], "downgraded": [], "changed": []}
    if gone and come:
        for group in _grouped(gone, come):
            for kind, change in _paired(group):
                kinds[kind].append(change)
    else:  # nothing to match: no package URL needs to be read
        kinds["removed"] = [Change(component, version, None) for component, version in gone]
        kinds["added"] = [Change(component, None, version) for component, version in come]
    return Changes(**{kind: tuple(sorted(changes, key=_place)) for kind, changes in kinds.items()})


def _only_in(one: Inventory, other: Inventory) -> Iterator[tuple[Component, str]]:
    nothing: Counter[str] = Counter()
    for component, versions in one.versions.items():
        for version in (versions - other.versions.get(component, nothing)).elements():
            yield component, version


def _grouped(gone: Iterable[tuple[Component, str]], come: Iterable[tuple[Component, str]]) -> Iterable[Group]:
    groups: dict[tuple[object, ...], Group] = {}
    for name, found in (("gone", gone), ("come", come)):
        for component, written in found:
            package = package_of(component, written)
            group = groups.setdefault(package.key, Group(package))
            version = with_epoch(package.type, written, package.epoch)
            getattr(group, name).append(Instance(component, written, version))
    return groups.values()


def _paired(group: Group) -> Iterator[tuple[str, Change]]:
    """Yield each change of a package with its kind."""
    come, gone = _without(group.come, group.gone), _without(group.gone, group.come)
    for old, new in zip_longest(_in_order(gone, group.package.type), _in_order(come, group.package.type)):
        if old is None:
            yield "added", Change(new.component, None, new.written)
        elif new is None:
            yield "removed", Change(old.component, old.written, None)
        else:
            order = compare_versions(group.package.type, old.version, new.version)
            kind = {-1: "upgraded", 1: "downgraded"}.get(order or 0, "changed")
            only_epoch = old.written == new.written
            versions = (old.version, new.version) if only_epoch else (old.written, new.written)
            yield kind, Change(new.component, *versions)


def _without(some: list[Instance], others: list[Instance]) -> list[Instance]:
    """Return the occurrences whose version the others do not have as often."""
    left, rest = Counter(each.version for each in others), []
    for each in some:
        if left[each.version]:
            left[each.version] -= 1
        else:
            rest.append(each)
    return rest


def _in_order(found: list[Instance], purl_type: str) -> list[Instance]:
    ordered = sorted(found, key=lambda each: version_key(each.version))
    if 1 < len(found) <= PAIRED_BY_ECOSYSTEM:
        by_ecosystem = cmp_to_key(lambda one, other: compare_versions(purl_type, one.version, other.version) or 0)
        ordered.sort(key=by_ecosystem)
    return ordered


def _place(change: Change) -> tuple[Component, str, str]:
    return change.component, change.before or "", change.after or ""
