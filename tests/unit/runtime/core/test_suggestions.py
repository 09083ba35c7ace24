"""A suggestion is a likely correction of a typo, and not another word."""

from typing import Final

import pytest

from functions.runtime.core.suggestions import did_you_mean, nearest

MANY: Final = [f"f{number:02}" for number in range(14)]


@pytest.mark.parametrize(
    ("word", "known", "answer"),
    [
        ("notfy", ["notify", "on_pattern"], "; did you mean 'notify'?"),
        ("nope", ["on_pattern", "notify"], "; there are notify, on_pattern"),
        ("nope", ["notify"], "; there is notify"),
        ("nope", MANY, f"; there are {', '.join(MANY[:12])} and 2 more"),
        ("nope", [], ""),
        ("20_DAYS", ["ONE_DAY", "FIVE_DAYS"], "; there are FIVE_DAYS, ONE_DAY"),
    ],
)
def test_known_names_are_listed_if_none_is_near(word: str, known: list[str], answer: str) -> None:
    """At most twelve of them."""
    assert did_you_mean(word, known) == answer
    assert nearest(word, known) == (answer if "mean" in answer else "")


@pytest.mark.parametrize(
    ("word", "known", "suggestion"),
    [
        ("20_DAYS", "FIVE_DAYS", ""),
        ("7_DAYS", "FIVE_DAYS", ""),
        ("order.created", "customer.created", ""),
        ("FIV_DAYS", "FIVE_DAYS", "; did you mean 'FIVE_DAYS'?"),
        ("reprt.published", "report.published", "; did you mean 'report.published'?"),
        ("x86", "x86_64", "; did you mean 'x86_64'?"),
        ("oit", "iot", "; did you mean 'iot'?"),
    ],
)
def test_each_part_of_a_name_must_be_near(word: str, known: str, suggestion: str) -> None:
    """A common ending such as _DAYS is not enough."""
    assert nearest(word, [known]) == suggestion
