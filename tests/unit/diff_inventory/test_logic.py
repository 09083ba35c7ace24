"""The order of versions without an ecosystem, and how changes are reported."""

import json
from collections import Counter

import pytest

from functions.diff_inventory.comparison import compare
from functions.diff_inventory.general import version_key
from functions.diff_inventory.logic import announce
from functions.diff_inventory.model import EMPTY, Component, Inventory


def inventory(**versions: str) -> Inventory:
    """Return an inventory with one version of each component."""
    return Inventory(versions={Component("library", "", name, ""): Counter([v]) for name, v in versions.items()})


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
    assert data["counts"] == {"added": 500, "removed": 0, "upgraded": 0, "downgraded": 0, "changed": 0}
    assert len(data["added"]) == 40
    assert len(json.dumps(data, ensure_ascii=False).encode()) < 256 * 1024 / 4
