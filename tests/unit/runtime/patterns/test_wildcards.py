"""Wildcards: matching, the number of steps, and the complexity as EventBridge counts it."""

import re
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.patterns import wildcards
from functions.runtime.patterns.pattern import check, matches, mismatch


class Counted(str):
    """A text that counts how many of its characters are examined."""

    __slots__ = ("steps",)

    def __init__(self, _text: str) -> None:
        """Start at zero."""
        self.steps = 0

    def find(self, *arguments: Any) -> int:  # noqa: ANN401 - as str takes them
        """Count the characters from the start of the search to the end of the match, or of the range."""
        sought, start, end = arguments
        found = super().find(sought, start, end)
        self.steps += (end if found < 0 else found + len(sought)) - start
        return found

    def startswith(self, *arguments: Any) -> bool:  # noqa: ANN401 - as str takes them
        """Count the prefix."""
        self.steps += len(arguments[0])
        return super().startswith(*arguments)

    def endswith(self, *arguments: Any) -> bool:  # noqa: ANN401 - as str takes them
        """Count the suffix."""
        self.steps += len(arguments[0])
        return super().endswith(*arguments)


def steps(wildcard: str, text: str) -> int:
    """Return the number of characters that matching a wildcard examines."""
    counted = Counted(text)
    wildcards.accepts(wildcard, counted)
    return counted.steps


@pytest.mark.parametrize(
    ("wildcard", "unit"),
    [
        ("*a*a*a*a*b", "a"),
        ("*a*a*a*a*b*", "a"),
        ("a*aa*aaa*aaaa*b", "a"),
        ("*ab*ab*ba*", "ab"),
        ("*" + "a*" * 500, "a"),
    ],
)
def test_the_steps_grow_as_the_text_does(wildcard: str, unit: str) -> None:
    """No character is examined for a second piece, so twice the text takes at most twice the steps."""
    few, many = steps(wildcard, unit * 10_000), steps(wildcard, unit * 20_000)
    assert many <= 2 * few
    assert many <= len(unit) * 20_000 + len(wildcard)


def test_a_long_text_is_matched_quickly() -> None:
    """The text is as long as an event can be."""
    pattern = {"a": [{"wildcard": "*a*a*a*a*b"}]}
    check(pattern)
    assert not matches(pattern, {"a": "a" * 1_000_000})
    assert matches(pattern, {"a": "a" * 1_000_000 + "b"})
    assert mismatch(pattern, {"a": "a" * 1_000_000}) == f"a: '{'a' * 78}… is not like '*a*a*a*a*b'"


tokens: Final = st.lists(st.sampled_from(["a", "b", "*", r"\*", r"\\", "\n"]), max_size=8).map("".join)


@given(tokens.filter(lambda text: not wildcards.fault(text)), st.text("ab*\\\n", max_size=10))
def test_a_wildcard_matches_as_its_regular_expression_does(wildcard: str, text: str) -> None:
    """The regular expression backtracks, so it is not used to match events."""
    parts = re.findall(r"\\[*\\]|.", wildcard, re.DOTALL)
    expression = "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)
    assert wildcards.accepts(wildcard, text) is bool(re.fullmatch(expression, text, re.DOTALL))


LEADING: Final = ("*kiwi*", "*BASE_QuxB*", "*Delta*", "*a/example-lake-abc98765432*")


@pytest.mark.parametrize(
    ("several", "found"),
    [
        (["*"], 2),
        (["abc"], 1),
        (["*a*a*a*a*b"], 9),
        (["ab*cd", "ab*wx", "ab*yz"], 6),
        (["F*eatureFeature", "Fe*atureFeature", "Fea*tureFeature"], 10),
        (["*:stack/A/*", "*:stack/B/*", "*:stack/C/*"], 9),
        (["*äa*ä"], 4),
    ],
)
def test_the_complexity_is_the_number_of_prefixes_that_one_value_matches(several: list[str], found: int) -> None:
    """The numbers are from event-ruler's tests, with JSON quotes around the value."""
    assert wildcards.complexity({each: [each] for each in several}) == found


def test_wildcards_that_one_alternative_excludes_count_as_one() -> None:
    """Their common prefix counts once."""
    assert wildcards.complexity({"but": LEADING}) == 7


@pytest.mark.parametrize(
    "several", [["a*a*a*a*a*a*"], LEADING, [f"*:stack/{name}/*" for name in "ABCD"], [f"{name}" for name in range(11)]]
)
def test_the_complexity_is_counted_only_up_to_the_limit(several: list[str]) -> None:
    """A pattern above the limit is refused in any case."""
    assert wildcards.complexity({each: [each] for each in several}) > wildcards.COMPLEXITY_LIMIT


def test_the_complexity_of_the_longest_wildcard_is_counted_quickly() -> None:
    """Counting ends at the limit."""
    assert wildcards.complexity({"x": ["*a" * 1_000 + "*"]}) > wildcards.COMPLEXITY_LIMIT
    assert wildcards.complexity({str(n): [f"*{n}*"] for n in range(16)}) > wildcards.COMPLEXITY_LIMIT
