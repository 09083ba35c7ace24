"""Suggestions for unknown words."""

import pytest

from functions.runtime.core.suggestions import did_you_mean, nearest

MANY = [f"f{number:02}" for number in range(14)]


@pytest.mark.parametrize(
    ("word", "known", "answer"),
    [
        ("notfy", ["notify", "on_pattern"], "; did you mean 'notify'?"),
        ("nope", ["on_pattern", "notify"], "; there are notify, on_pattern"),
        ("nope", ["notify"], "; there is notify"),
        ("nope", MANY, f"; there are {', '.join(MANY[:12])} and 2 more"),
        ("nope", [], ""),
    ],
)
def test_only_a_near_word_is_suggested(word: str, known: list[str], answer: str) -> None:
    """Otherwise the known words are listed, at most twelve of them."""
    assert did_you_mean(word, known) == answer
    assert nearest(word, known) == (answer if "mean" in answer else "")
