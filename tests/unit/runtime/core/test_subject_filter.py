"""A filter of subjects never excludes one that it was made of, and excludes nearly all others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.core import subject_filter
from functions.runtime.journal import EVENTS_PER_OBJECT

SUBJECTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.sets(SUBJECTS, min_size=1, max_size=EVENTS_PER_OBJECT))
def test_no_subject_of_a_filter_is_excluded(subjects: set[str]) -> None:
    """Whatever characters it has, and however many others there are."""
    text = subject_filter.make(subjects)
    assert not any(subject_filter.excludes(text, subject) for subject in subjects)
    assert text.replace("-", "").replace("_", "").isalnum()
    assert text.isascii()


def test_a_full_filter_excludes_nearly_all_others_and_fits_a_file_name() -> None:
    """Ten bits a subject: one false positive in 120; a name with its time and digest has at most 240 characters."""
    text = subject_filter.make([f"customer/{number}" for number in range(EVENTS_PER_OBJECT)])
    passed = [number for number in range(1_000, 11_000) if not subject_filter.excludes(text, f"customer/{number}")]
    assert len(passed) < 150
    assert len(f"20261112T000002-{'0' * 16}.{text}.jsonl") <= 240


@pytest.mark.parametrize("text", ["", "1", "2AAAA", "1A", "1ü", "1AAA"])
def test_what_is_no_filter_of_this_version_excludes_nothing(text: str) -> None:
    """An older object has none, and a newer function may write another."""
    assert not subject_filter.excludes(text, "customer/42")


def test_a_subject_that_no_event_can_have_is_not_excluded() -> None:
    """Half a surrogate pair has no bytes to hash: the reader decides."""
    assert not subject_filter.excludes(subject_filter.make(["a"]), "\ud800")


def test_the_bits_of_a_version_stay() -> None:
    """A change here needs a new version: filters that were written would exclude subjects that they hold."""
    assert subject_filter.make(["customer/42"]) == "1HAnA"
    assert subject_filter.make([f"customer/{number}" for number in range(5)]) == "1CaTABTekIAVM"
