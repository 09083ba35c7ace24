"""Pairs the versions that only the earlier inventory has with the versions that only the later inventory has.

It is imported only if both have such versions, because the libraries for package URLs and versions slow a cold start.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import zip_longest
from typing import Final

from functions.diff_inventory.general import version_key
from functions.diff_inventory.identity import package_of
from functions.diff_inventory.logic import Change
from functions.diff_inventory.model import Component, Inventory
from functions.diff_inventory.versions import compare, with_epoch

# Up to this many versions of a package are paired in the ecosystem's order, more in the faster general order.
PAIRED_BY_ECOSYSTEM: Final = 50


@dataclass(frozen=True, slots=True)
class Instance:
    """One occurrence of a component in the later or the earlier inventory.

    `written` is the version in the inventory; `version` includes the epoch of the package URL.
    """

    later: bool
    component: Component
    written: str
    version: str


def matched(before: Inventory, after: Inventory) -> Iterator[tuple[str, Change]]:
    """Yield each change with its kind."""
    packages: dict[str, list[Instance]] = {}
    types: dict[str, str] = {}
    for component, found in _differences(before, after):
        if not component.purl:
            yield from _paired("", [Instance(later, component, version, version) for later, version in found])
            continue
        package = package_of(component, found[0][1])
        types[package.key] = package.type
        packages.setdefault(package.key, []).extend(
            Instance(later, component, written, with_epoch(package.type, written, package.epoch))
            for later, written in found
        )
    for key, instances in packages.items():
        yield from _paired(types[key], instances)


def _differences(before: Inventory, after: Inventory) -> Iterator[tuple[Component, list[tuple[bool, str]]]]:
    """Yield each component with its versions that only one inventory has, the earlier inventory first."""
    nothing: Counter[str] = Counter()
    for component, old in before.versions.items():
        new = after.versions.get(component, nothing)
        found = [(False, each) for each in (old - new).elements()] + [(True, each) for each in (new - old).elements()]
        if found:
            yield component, found
    for component, new in after.versions.items():
        if component not in before.versions and new:
            yield component, [(True, each) for each in new.elements()]


def _paired(purl_type: str, instances: Sequence[Instance]) -> Iterator[tuple[str, Change]]:
    """Yield each change of a package with its kind."""
    gone, come = ([each for each in instances if each.later is later] for later in (False, True))
    olds, news = (_in_order(_without(*sides), purl_type) for sides in ((gone, come), (come, gone)))
    for old, new in zip_longest(olds, news):
        if old is None:
            yield "added", Change(new.component, None, new.written)
        elif new is None:
            yield "removed", Change(old.component, old.written, None)
        else:
            order = compare(purl_type, old.version, new.version)
            kind = {-1: "upgraded", 1: "downgraded"}.get(order or 0, "changed")
            only_epoch = old.written == new.written
            versions = (old.version, new.version) if only_epoch else (old.written, new.written)
            yield kind, Change(new.component, *versions)


def _without(some: list[Instance], others: list[Instance]) -> list[Instance]:
    """Return the occurrences without a counterpart of the same version in the others."""
    if not others:
        return some
    left, rest = Counter(each.version for each in others), []
    for each in some:
        if left[each.version]:
            left[each.version] -= 1
        else:
            rest.append(each)
    return rest


def _in_order(found: list[Instance], purl_type: str) -> list[Instance]:
    if len(found) > 1:
        found.sort(key=lambda each: version_key(each.version))
        if len(found) <= PAIRED_BY_ECOSYSTEM:
            found.sort(key=cmp_to_key(lambda one, other: compare(purl_type, one.version, other.version) or 0))
    return found
