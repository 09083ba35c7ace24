"""What counts as a change between two inventories, which way it went, and that changes add up."""

import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.diff_inventory.comparison import compare
from functions.diff_inventory.logic import KINDS, Changes, describe
from functions.diff_inventory.model import Component, Inventory, parse
from tests.unit.diff_inventory.test_model import bom

FILES: Final = Path(__file__).parent / "inventories"
PAIRS: Final = sorted(path.name.removesuffix(".before.json") for path in FILES.glob("*.before.json"))
VERSIONS: Final = st.lists(st.sampled_from(["", "1.0", "1.0.0", "1.1-rc1", "1.1", "2", "v2", "abc", "def"]), max_size=3)
PURLS: Final = ("", "pkg:npm/a", "pkg:rpm/a?epoch=1", "pkg:rpm/a?epoch=2", "pkg:deb/a?distro=x", "pkg:oci/a", "none")
COMPONENTS: Final = st.sampled_from([Component("library", "", "a", purl) for purl in PURLS])
INVENTORIES: Final = st.dictionaries(COMPONENTS, VERSIONS.map(Counter)).map(lambda found: Inventory(versions=found))


def inventory(**versions: str) -> Inventory:
    """Return an inventory with one version of each component."""
    return Inventory(versions={Component("library", "", name, ""): Counter([v]) for name, v in versions.items()})


def packages(*purls: str, version: str = "") -> Inventory:
    """Return an inventory of components that are known by their package URLs."""
    return parse(bom(*({"type": "library", "name": "x", "version": version, "purl": purl} for purl in purls)))


def counts(changes: Changes) -> dict[str, int]:
    """Return how many changes there are of each kind that has any."""
    return {kind: len(getattr(changes, kind)) for kind in KINDS if getattr(changes, kind)}


def size(found: Inventory) -> int:
    """Return how many components an inventory has."""
    return sum(versions.total() for versions in found.versions.values())


@pytest.mark.parametrize("name", PAIRS)
def test_every_change_in_these_files_is_an_upgrade(name: str) -> None:
    """Tails, letters, pre-releases, tildes and epochs, and qualifiers that name a version."""
    before, after = (parse((FILES / f"{name}.{when}.json").read_bytes()) for when in ("before", "after"))
    assert counts(compare(before, after)) == {"upgraded": size(after)}
    assert counts(compare(after, before)) == {"downgraded": size(after)}


def test_each_kind_of_change() -> None:
    """Added, removed, upgraded, downgraded, changed; what stayed is not reported."""
    changes = compare(inventory(a="1", b="1", c="2", d="1", f="one"), inventory(a="1", c="1", d="2", e="1", f="other"))
    assert {kind: [(c["name"]) for c in listed] for kind, listed in describe(changes).items()} == {
        "added": ["e"],
        "removed": ["b"],
        "upgraded": ["d"],
        "downgraded": ["c"],
        "changed": ["f"],
    }
    assert describe(changes)["upgraded"] == [{"type": "library", "name": "d", "from": "1", "to": "2"}]


@given(st.lists(INVENTORIES, min_size=1, max_size=4))
def test_changes_add_up_from_the_first_to_the_last(versions: list[Inventory]) -> None:
    """As many components go and come as there are fewer and more, and each change names versions of its inventories."""
    for before, after in pairwise(versions):
        changes = compare(before, after)
        assert size(before) + len(changes.added) - len(changes.removed) == size(after)


@given(INVENTORIES)
def test_the_same_inventory_has_no_changes(found: Inventory) -> None:
    """And neither has it in another order."""
    again = Inventory(versions=dict(reversed(list(found.versions.items()))))
    assert compare(found, again).none


@given(INVENTORIES, INVENTORIES)
def test_there_and_back_are_opposites(before: Inventory, after: Inventory) -> None:
    """What is upgraded one way is downgraded the other."""
    there, back = compare(before, after), compare(after, before)
    assert [len(each) for each in (there.added, there.upgraded, there.changed)] == [
        len(each) for each in (back.removed, back.downgraded, back.changed)
    ]


@pytest.mark.parametrize(
    "qualifiers",
    [
        "upstream=openssl-{v}.src.rpm",
        "distro=rhel-{v}",
        "checksum=sha1:ad9503c3e994a4f611a4892f2e67ac82df727086{n}",
        "vcs_url=git%2Bhttps://example.com/a.git%40{n}cc55bf64aa417b4d5f0d78b5b8a0c2b7cbb0a3f",
        "vcs_url=git@example.com:a.git",
        "download_url=https://example.com/a-{v}.tgz",
        "tag=v{v}",
        "file_name=a-{v}.tar.gz",
        "build=py3{n}_0",
        "rrev={n}3a82349c31917d2d674d22065c7a9ef9f380c8e",
        "layer_version=4e07fa{n}",
        "modularitylabel=nodejs:18:{n}",
        "x-archive=a-{v}.zip",  # unknown, but its value has the version in it
        "arch=x86_64",
        "arch=x86_64&distro=fedora-4{n}",
    ],
)
def test_what_names_a_version_is_no_part_of_a_package(qualifiers: str) -> None:
    """One upgrade, whatever else of the version changes in the package URL."""
    before, after = (
        packages(f"pkg:generic/a@{v}?" + qualifiers.format(v=v, n=n), version=v)
        for v, n in (("3.0.7", "1"), ("3.0.8", "2"))
    )
    assert counts(compare(before, after)) == {"upgraded": 1}


@pytest.mark.parametrize("qualifier", ["arch", "os", "platform", "classifier", "type", "subdir", "repository_url", "x"])
def test_what_tells_packages_apart_is_a_part_of_them(qualifier: str) -> None:
    """Another architecture is another package."""
    before, after = (packages(f"pkg:generic/a@1.0?{qualifier}={value}", version="1.0") for value in "pq")
    assert counts(compare(before, after)) == {"added": 1, "removed": 1}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pkg:deb/debian/a@1.0?arch=arm64&type=x", "pkg:deb/debian/a@1.0?type=x&arch=arm64"),
        ("pkg:npm/@babel/core@1.0", "pkg:npm/%40babel/core@1.0"),
        ("pkg:npm/@Babel/Core@1.0", "pkg:npm/%40babel/core@1.0"),
        ("pkg:PyPI/Django_Rest.Framework@1.0", "pkg:pypi/django-rest-framework@1.0"),
        ("pkg:github/Package-URL/PURL-Spec@1.0", "pkg:github/package-url/purl-spec@1.0"),
        ("pkg:golang/github.com/BurntSushi/toml@1.0", "pkg:golang/github.com/burntsushi/toml@1.0"),
        ("pkg:deb/Debian/Curl@1.0", "pkg:deb/debian/curl@1.0"),
        ("pkg:rpm/RedHat/curl@1.0", "pkg:rpm/redhat/curl@1.0"),
        ("pkg:composer/Symfony/Console@1.0", "pkg:composer/symfony/console@1.0"),
        ("pkg:nuget/Newtonsoft.Json@1.0", "pkg:nuget/newtonsoft.json@1.0"),
        ("pkg:deb/debian/libstdc++6@1.0", "pkg:deb/debian/libstdc%2B%2B6@1.0"),
        ("pkg://deb/debian/curl@1.0", "pkg:deb/debian/curl@1.0"),
    ],
)
def test_two_spellings_of_one_package_url_are_one_package(before: str, after: str) -> None:
    """The order of qualifiers, percent-encoding, and the case where the type says that it does not matter."""
    assert compare(packages(before), packages(after)).none


@pytest.mark.parametrize("purl", ["pkg:maven/g/{}@1.0", "pkg:cargo/{}@1.0", "pkg:gem/{}@1.0", "pkg:rpm/redhat/{}@1.0"])
def test_where_case_matters_two_names_are_two_packages(purl: str) -> None:
    """As the type says."""
    before, after = (packages(purl.format(name)) for name in ("Guava", "guava"))
    assert counts(compare(before, after)) == {"added": 1, "removed": 1}


def test_a_package_url_that_cannot_be_read_still_names_its_component() -> None:
    """It is compared as it is written."""
    before, after = (packages("pkg:", "x?y@z", version=version) for version in ("1", "2"))
    assert counts(compare(before, after)) == {"upgraded": 2}


def test_an_rpm_with_a_higher_epoch_is_an_upgrade() -> None:
    """Whether the epoch is in the version or in the package URL; equal versions are told apart by it."""
    before = packages("pkg:rpm/redhat/a@2.0-1?epoch=0", version="2.0-1")
    assert counts(compare(before, packages("pkg:rpm/redhat/a@1.0-1?epoch=1", version="1.0-1"))) == {"upgraded": 1}
    (change,) = compare(before, packages("pkg:rpm/redhat/a@2.0-1?epoch=1", version="2.0-1")).upgraded
    assert (change.before, change.after) == ("2.0-1", "1:2.0-1")
    assert compare(before, packages("pkg:rpm/redhat/a@2.0-1", version="2.0-1")).none


def test_several_versions_of_a_package_are_paired_by_its_order() -> None:
    """As npm installs them; what is in both cancels out."""
    before = packages("pkg:npm/a@1.0.0-canary.5", "pkg:npm/a@2.0.0", "pkg:npm/a@3.0.0")
    after = packages("pkg:npm/a@1.0.0", "pkg:npm/a@2.0.0", "pkg:npm/a@3.0.1", "pkg:npm/a@4.0.0")
    changes = compare(before, after)
    assert [(change.before, change.after) for change in changes.upgraded] == [
        ("1.0.0-canary.5", "1.0.0"),
        ("3.0.0", "3.0.1"),
    ]
    assert counts(changes) == {"upgraded": 2, "added": 1}


def test_a_long_number_in_a_version_is_compared() -> None:
    """In every ecosystem, and without one."""
    before, after = ("1." + "9" * 5_000, "1.1" + "0" * 5_000)
    for purl in ("", "pkg:deb/debian/a", "pkg:npm/a", "pkg:pypi/a", "pkg:oci/a"):
        assert counts(compare(packages(purl, version=before), packages(purl, version=after))) == {"upgraded": 1}


def test_libraries_are_imported_only_where_something_differs() -> None:
    """A cold start of the function does not pay for them."""
    script = """
import json, sys
import functions.diff_inventory.handler
from functions.diff_inventory.comparison import compare
from functions.diff_inventory.model import EMPTY, parse
one, other = (parse(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
    {"type": "library", "name": "a", "version": v, "purl": "pkg:npm/a@" + v}]}).encode()) for v in ("1.0.0", "1.0.1"))
def loaded(): return sorted({"univers", "packageurl"} & {name.partition(".")[0] for name in sys.modules})
compare(EMPTY, one), compare(one, one)
first = loaded()
compare(one, other)
print(json.dumps([first, loaded()]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[], ["packageurl", "univers"]]
