"""Shortened texts and derived keys."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.core.text import cut, derived_key


@pytest.mark.parametrize(("text", "expected"), [("", ""), ("abcd", "abcd"), ("abcde", "abc…")])
def test_a_text_is_cut_to_its_length(text: str, expected: str) -> None:
    """The ellipsis is part of the length."""
    assert cut(text, 4) == expected


@pytest.mark.parametrize("suffix", [".json", ".changes.json", ".profile.json"])
def test_a_derived_key_is_the_key_with_a_suffix(suffix: str) -> None:
    """The path stays the same, so a prefix in [access] covers both objects."""
    assert derived_key("reports/checkout/build-118.xml", suffix) == f"reports/checkout/build-118.xml{suffix}"


@pytest.mark.parametrize("letter", ["x", "ü", "漢", "😀"])
@pytest.mark.parametrize("size", [1_019, 1_020, 1_021, 1_022, 1_023, 1_024])
def test_the_longest_key_has_a_derived_key(letter: str, size: int) -> None:
    """S3 allows 1,024 bytes. A longer key is cut between characters and marked with a digest."""
    key = "r" * (size % len(letter.encode())) + letter * (size // len(letter.encode()))
    short = derived_key(key, ".json")
    assert len(short.encode()) <= 1_024
    if size <= 1_019:
        assert short == f"{key}.json"
    else:
        kept, mark = short[:-22], short[-22:]
        assert key.startswith(kept)
        assert len(kept.encode()) > 1_024 - 22 - 4
        assert re.fullmatch(r"~[0-9a-f]{16}\.json", mark)


def test_a_key_that_looks_shortened_does_not_collide_with_a_shortened_key() -> None:
    """Two objects never overwrite each other's derived object."""
    twin = derived_key("r" * 1_024, ".json").removesuffix(".json")
    assert derived_key(twin, ".json") != derived_key("r" * 1_024, ".json")


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from([0, 1_000, 1_100]))
def test_different_keys_have_different_derived_keys(one: str, other: str, padding: int) -> None:
    """Also if they differ only in the part that is cut off."""
    keys = {"r" * padding + one, "r" * padding + other}
    assert len({derived_key(key, ".json") for key in keys}) == len(keys)
