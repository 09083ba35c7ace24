"""Pairs what only the earlier inventory has with what only the later one has, by package and in order of version.

It is imported only where both have something of their own: what reads package URLs and versions costs a cold start.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cmp_to_key
from itertools import zip_longest
from typing import Final

from functions.diff_inventory.general import version_key
from functions.diff_inventory.identity import Package, package_of
from functions.diff_inventory.logic import Change
from functions.diff_inventory.model import Component
from functions.diff_inventory.versions import compare, with_epoch

type Occurrences = Iterable[tuple[Component, str]]

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


def matched(gone: Occurrences, come: Occurrences) -> Iterator[tuple[str, Change]]:
    """Yield each change with its kind."""
    for group in _grouped(gone, come):
        yield from _paired(group)


def _grouped(gone: Occurrences, come: Occurrences) -> Iterable[Group]:
    packages: dict[Component, Package] = {}
    groups: dict[tuple[object, ...], Group] = {}
    for name, found in (("gone", gone), ("come", come)):
        for component, written in found:
            package = packages.get(component) or package_of(component, written)
            packages[component] = package
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
            order = compare(group.package.type, old.version, new.version)
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
    if len(found) == 1:
        return found
    ordered = sorted(found, key=lambda each: version_key(each.version))
    if len(found) <= PAIRED_BY_ECOSYSTEM:
        ordered.sort(key=cmp_to_key(lambda one, other: compare(purl_type, one.version, other.version) or 0))
    return ordered
