"""Which inventories are read, in all versions of the format, and what is said of those that are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from functions.diff_inventory.model import Component, Inventory, parse
from functions.runtime.core.errors import MalformedError


def bom(*components: Any, **fields: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return a CycloneDX document."""
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components} | fields).encode()


def versions(inventory: Inventory) -> dict[str, list[str]]:
    """Return the versions by the title of their component."""
    return {component.title: sorted(found.elements()) for component, found in inventory.versions.items()}


@pytest.mark.parametrize("version", ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.10"])
def test_every_version_of_the_format_is_read(version: str) -> None:
    """1.2 to 1.7 name components alike, and a later minor version may only add fields."""
    component = {"type": "library", "name": "zlib", "version": "1.3", "licenses": [{"license": {"id": "Zlib"}}]}
    assert versions(parse(bom(component, specVersion=version))) == {"zlib": ["1.3"]}


def test_an_inventory_in_a_later_version_of_the_format_is_read() -> None:
    """As some tools write them today."""
    assert versions(parse((Path(__file__).parent / "inventories" / "spec_1_7.json").read_bytes())) == {"zlib": ["1.3"]}


def test_the_version_may_be_in_the_package_url_alone() -> None:
    """The field is optional."""
    assert versions(parse(bom({"type": "library", "name": "a", "purl": "pkg:deb/a@1%3A2.0%2Bb1?arch=x"}))) == {
        "a": ["1:2.0+b1"]
    }


def test_a_package_url_tells_components_apart_and_its_version_does_not() -> None:
    """Qualifiers belong to what a component is; the version is what changes."""
    both = parse(
        bom(
            {
                "type": "library",
                "group": "@babel",
                "name": "core",
                "version": "7.1",
                "purl": "pkg:npm/%40babel/core@7.1",
            },
            {"type": "library", "name": "tls", "version": "3", "purl": "pkg:deb/debian/tls@3?arch=arm64"},
        )
    )
    assert [component.purl for component in both.versions] == ["pkg:npm/%40babel/core", "pkg:deb/debian/tls?arch=arm64"]
    assert [component.title for component in both.versions] == ["@babel/core", "tls"]


def test_components_inside_components_count_and_the_subject_of_the_inventory_does_not() -> None:
    """`metadata.component` is what the inventory is about, not a part of it."""
    inner = {"type": "library", "name": "inner", "version": "2"}
    outer = {"type": "framework", "name": "outer", "components": [inner]}
    found = parse(bom(outer, metadata={"component": {"type": "application", "name": "shop"}}))
    assert versions(found) == {"outer": [""], "inner": ["2"]}


def test_one_component_may_be_there_in_several_versions() -> None:
    """As npm installs them."""
    one = {"type": "library", "name": "semver"}
    found = parse(bom(one | {"version": "5"}, one | {"version": "7"}, one | {"version": "7"}))
    assert found.versions[Component("library", "", "semver", "")] == {"5": 1, "7": 2}


def test_an_inventory_without_components_is_empty() -> None:
    """The field is optional."""
    assert parse(b'{"bomFormat": "CycloneDX", "specVersion": "1.2"}').versions == {}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the inventory is not JSON"),
        (b"\xff\xfe", "the inventory is not JSON"),
        (b"<bom/>", "the inventory is not JSON"),
        (b"[" * 100_000, "the inventory is not JSON"),
        (b"1" * 5_000, "the inventory is not JSON"),
        (b"[]", "bomFormat is not 'CycloneDX'"),
        (b'{"spdxVersion": "SPDX-2.3"}', "bomFormat is not 'CycloneDX'"),
        (bom(specVersion="2.0"), "specVersion is not supported; CycloneDX 1.2 and later versions 1.x are"),
        (bom(specVersion="1.1"), "specVersion is not supported; CycloneDX"),
        (bom(specVersion="1.7-rc"), "specVersion is not supported; CycloneDX"),
        (bom(specVersion=1.5), "specVersion is not supported; CycloneDX"),
        (bom(specVersion=["x" * 500]), "specVersion is not supported"),
        (bom(components={}), "components is not a list"),
        (bom(7), "components[0] is not an object"),
        (bom({"type": "library"}), "components[0].name is NoneType, not a text"),
        (bom({"name": "x"}), "components[0].type is NoneType, not a text"),
        (
            bom({"type": "t", "name": "x", "components": [{"type": "t", "name": "y", "version": 3}]}),
            "components[0].components[0].version is int, not a text",
        ),
    ],
)
def test_what_is_no_inventory_is_refused_with_its_place(content: bytes, reason: str) -> None:
    """The sentence says what is wrong, and where."""
    with pytest.raises(MalformedError) as refused:
        parse(content)
    assert str(refused.value).startswith(reason)
    assert len(str(refused.value)) < 300


def test_components_that_nest_without_end_are_refused() -> None:
    """A hundred levels are more than any tool writes."""
    nested: dict[str, Any] = {"type": "t", "name": "x"}
    for _ in range(150):
        nested = {"type": "t", "name": "x", "components": [nested]}
    with pytest.raises(MalformedError, match="nest over 100 deep"):
        parse(bom(nested))
