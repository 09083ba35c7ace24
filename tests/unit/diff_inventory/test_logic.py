"""What counts as a change, which way it went, and that changes add up."""

import json
from collections import Counter
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.diff_inventory.logic import Changes, announce, compare, describe, report_key, version_key
from functions.diff_inventory.model import EMPTY, Component, Inventory

VERSIONS: Final = st.lists(st.sampled_from(["", "1.0", "1.0.0", "1.1-rc1", "1.1", "2", "v2", "abc"]), max_size=3)
COMPONENTS: Final = st.sampled_from([Component("library", "", name, "") for name in "abc"])
INVENTORIES: Final = st.dictionaries(COMPONENTS, VERSIONS.map(Counter)).map(lambda found: Inventory(versions=found))


def inventory(**versions: str) -> Inventory:
    """Return an inventory with one version of each component."""
    return Inventory(versions={Component("library", "", name, ""): Counter([v]) for name, v in versions.items()})


def apply(before: Counter[tuple[Component, str]], changes: Changes) -> Counter[tuple[Component, str]]:
    """Return what an inventory becomes through changes; each must find what it takes away."""
    after = before.copy()
    for change in (*changes.added, *changes.removed, *changes.upgraded, *changes.downgraded):
        if change.before is not None:
            assert after[change.component, change.before] > 0
            after[change.component, change.before] -= 1
        if change.after is not None:
            after[change.component, change.after] += 1
    return +after


def flat(found: Inventory) -> Counter[tuple[Component, str]]:
    """Return an inventory as a bag of components with their versions."""
    return Counter({(component, v): count for component, all_ in found.versions.items() for v, count in all_.items()})


def test_each_kind_of_change() -> None:
    """Added, removed, upgraded, downgraded; what stayed is not told."""
    changes = compare(inventory(a="1", b="1", c="2", d="1"), inventory(a="1", c="1", d="2", e="1"))
    assert {kind: [(c["name"]) for c in listed] for kind, listed in describe(changes).items()} == {
        "added": ["e"],
        "removed": ["b"],
        "upgraded": ["d"],
        "downgraded": ["c"],
    }
    assert describe(changes)["upgraded"] == [{"type": "library", "name": "d", "from": "1", "to": "2"}]


@given(st.lists(INVENTORIES, min_size=1, max_size=6))
def test_changes_add_up_from_the_first_to_the_last(versions: list[Inventory]) -> None:
    """Whatever lies between, each change takes over where the one before ended."""
    state = flat(versions[0])
    for before, after in pairwise(versions):
        state = apply(state, compare(before, after))
    assert state == +flat(versions[-1])


@given(INVENTORIES)
def test_the_same_inventory_has_no_changes(found: Inventory) -> None:
    """And neither has it in another order."""
    again = Inventory(versions=dict(reversed(list(found.versions.items()))))
    assert compare(found, again).none


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("1.9", "1.10"),
        ("1.2.3", "1.2.4"),
        ("1.0-alpha", "1.0-beta"),
        ("1.0-beta.2", "1.0-beta.11"),
        ("1.0-rc1", "1.0"),
        ("1.0.0-rc1", "1.0.1"),
        ("1.0rc1", "1.0.0"),
        ("1.0.dev3", "1.0a1"),
        ("2.0-SNAPSHOT", "2.0"),
        ("1.0", "1.0.post1"),
        ("1.1.1k", "1.1.1l"),
        ("v1.2", "1.3"),
        ("", "0.0.1"),
        ("1.0+a", "1.0+b"),
        ("31.1-jre", "32.0-jre"),
        ("2024.12", "2025.1"),
    ],
)
def test_versions_are_ordered_as_their_makers_mean_them(lower: str, higher: str) -> None:
    """Numbers as numbers, what comes before a release below it."""
    assert version_key(lower) < version_key(higher)
    assert [len(c) for c in (compare(inventory(a=lower), inventory(a=higher)).upgraded,)] == [1]
    assert [len(c) for c in (compare(inventory(a=higher), inventory(a=lower)).downgraded,)] == [1]


def test_the_event_names_forty_of_a_kind_and_counts_all() -> None:
    """It stays far under what the bus takes, whatever the script of the names."""
    many = Inventory(versions={Component("t", "", "語" * 300 + str(n), ""): Counter(["v" * 300]) for n in range(500)})
    data = announce(compare(EMPTY, many), baseline=True)
    assert data["counts"] == {"added": 500, "removed": 0, "upgraded": 0, "downgraded": 0}
    assert len(data["added"]) == 40
    assert len(json.dumps(data, ensure_ascii=False).encode()) < 256 * 1024 / 4


def test_the_list_of_changes_has_a_key_that_s3_takes() -> None:
    """Different for different inventories, also where theirs is as long as a key can be."""
    assert report_key("inventories/shop.json") == "inventories/shop.json.changes.json"
    long = [report_key("k" * 1_023 + end) for end in "ab"]
    assert len(set(long)) == 2
    assert all(len(key.encode()) <= 1_024 for key in long)


def test_numbers_of_any_length_are_compared() -> None:
    """Python's int refuses more than 4,300 digits, and leading zeros are none."""
    nines, more = "9" * 5_000, "1" + "0" * 5_000
    changes = compare(inventory(a=f"1.{nines}", b="1." + "0" * 5_000 + "2"), inventory(a=f"1.{more}", b="1.10"))
    assert [change.component.name for change in changes.upgraded] == ["a", "b"]
