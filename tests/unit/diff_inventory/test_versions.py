"""Which version is newer, for each ecosystem's own order, and where no order says so."""

import time
from pathlib import Path
from typing import Final

import pytest

from functions.diff_inventory.versions import compare, with_epoch

PAIRS: Final = [
    tuple(line.split("\t")[:3])
    for line in (Path(__file__).parent / "inventories" / "versions.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
TYPES: Final = sorted({purl_type for purl_type, _, _ in PAIRS})


@pytest.mark.parametrize(("purl_type", "older", "newer"), PAIRS)
def test_the_order_of_the_ecosystem_decides(purl_type: str, older: str, newer: str) -> None:
    """The second version is newer, whichever of the two comes first in the question."""
    assert (compare(purl_type, older, newer), compare(purl_type, newer, older)) == (-1, 1)


@pytest.mark.parametrize(
    ("purl_type", "one", "other"),
    [
        ("docker", "sha256:" + "ab" * 32, "sha256:" + "cd" * 32),
        ("oci", "bullseye", "bookworm"),
        ("huggingface", "559062ad13d311b87b2c455e67dcd5f1c8f65111", "043235d6088ecd3dd5fb5ca3592b6913fd516027"),
        ("swid", "first", "second"),
        ("unheard-of", "1.0-a", "1.0-b"),
        ("golang", "234fd47e07d1004f0aed9c", "aafd47e07d1004f0aed9c0"),
        ("generic", "abcdef1", "abcdef2"),
        ("generic", "1.0-foo", "1.0-bar"),
        ("generic", "1.0-custom", "1.0"),
        ("cpan", "1.10", "1.9"),
        ("pypi", "not-a-version", "1.0"),
        ("npm", "latest", "1.0.0"),
        ("deb", "abc", "1.0"),
        ("rpm", "?", "1.0-1"),
        ("maven", "latest", "1.0"),
        ("nuget", "x", "1.0.0"),
        ("gem", "1.0!", "1.0"),
        ("apk", "edge", "1.0-r0"),
        ("apk", "1.0_odd1", "1.0-r0"),
        ("composer", "dev-main", "1.0.0"),
        ("composer", "1.0.x-dev", "1.0.0"),
        ("conda", "*", "1.0"),
        ("conda", ".".join("1" * 17) + "a", "1.0"),
        ("deb", "1." + "a" * 2_000, "1." + "b" * 2_000),
    ],
)
def test_where_no_order_says_it_there_is_no_answer(purl_type: str, one: str, other: str) -> None:
    """A digest, a word without a known meaning, a version that breaks the rules of its ecosystem."""
    assert compare(purl_type, one, other) is None
    assert compare(purl_type, other, one) is None


@pytest.mark.parametrize(
    ("purl_type", "one", "other"),
    [
        ("npm", "1.0.0+9", "1.0.0+10"),  # Semantic Versioning: build metadata has no precedence
        ("cargo", "1.0.0+a", "1.0.0+b"),
        ("nuget", "1.0", "1.0.0.0"),
        ("pypi", "1.0", "1.0.0"),
        ("maven", "1.0.Final", "1.0"),
        ("deb", "1.0", "1.00"),
        ("conda", "1.1.0dev1", "1.1.dev1"),
        ("unheard-of", "1.0", "1.0.0"),
    ],
)
def test_two_spellings_of_one_version_are_equal(purl_type: str, one: str, other: str) -> None:
    """Neither is newer."""
    assert compare(purl_type, one, other) == compare(purl_type, other, one) == 0


@pytest.mark.parametrize("purl_type", TYPES)
def test_any_version_is_newer_than_none(purl_type: str) -> None:
    """An inventory may give no version."""
    assert (compare(purl_type, "", "0.0.1"), compare(purl_type, "0.0.1", "")) == (-1, 1)


@pytest.mark.parametrize("purl_type", TYPES)
def test_numbers_of_any_length_are_compared(purl_type: str) -> None:
    """Python's int refuses over 4,300 digits; leading zeros do not count, but in apk, where they make a fraction."""
    assert compare(purl_type, "1." + "9" * 5_000, "1.1" + "0" * 5_000) == -1
    assert compare(purl_type, "9" * 5_000, "1" + "0" * 5_000) == -1
    assert compare(purl_type, "0" * 5_000 + "2.0", "10.0") == -1


@pytest.mark.parametrize("purl_type", TYPES)
@pytest.mark.parametrize("unit", ["1.", "a", "-", "~", "1a", "_p", ".", "1-", "+1", ":"])
def test_a_version_of_any_kind_and_length_is_decided_at_once(purl_type: str, unit: str) -> None:
    """No pattern here or in a library takes long."""
    began = time.monotonic()
    for text in (unit * 400, "1" + unit * 400, "1." + unit * 20_000):
        compare(purl_type, text, f"{text}2")
    assert time.monotonic() - began < 2


def test_an_epoch_of_the_package_url_belongs_to_the_version() -> None:
    """An rpm's version may lack it; 0 is the same as none; others have no epochs."""
    assert with_epoch("rpm", "1.0-1", "2") == with_epoch("rpm", "2:1.0-1", "2") == "2:1.0-1"
    assert with_epoch("rpm", "0:1.0-1", "") == with_epoch("rpm", "1.0-1", "0") == "1.0-1"
    assert with_epoch("npm", "1.0.0", "2") == "1.0.0"
