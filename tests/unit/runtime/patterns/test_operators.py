"""Each operator on a table of its own: which arguments it takes, which values it matches, and what a sentence shows."""

import importlib
import sys
from types import ModuleType
from typing import Any

import pytest

from functions.runtime import patterns


@pytest.fixture
def pattern(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import the pattern language anew: its table of operators is built at import, which mutmut sees in tests alone."""
    for name in [name for name in sys.modules if name.startswith(f"{patterns.__name__}.")]:
        monkeypatch.delattr(patterns, name.rpartition(".")[2])
        monkeypatch.delitem(sys.modules, name)
    return importlib.import_module(f"{patterns.__name__}.pattern")


@pytest.mark.parametrize(
    ("operator", "matching", "other", "shown"),
    [
        ({"exactly": "a"}, "a", "b", "'a'"),
        ({"prefix": "re"}, "reports", "Reports", "'re'"),
        ({"prefix": "1"}, "12", 12, "'1'"),
        ({"prefix": {"equals-ignore-case": "RE"}}, "reports", "a-re", "'RE'"),
        ({"prefix": {"equals-ignore-case": "RE"}}, "Re", 1, "'RE'"),
        ({"suffix": ".xml"}, "a.xml", "a.xml.bak", "'.xml'"),
        ({"suffix": {"equals-ignore-case": ".XML"}}, "a.xml", ".xml.bak", "'.XML'"),
        ({"equals-ignore-case": "Ada"}, "aDA", "Adam", "'Ada'"),
        ({"wildcard": "a*"}, "ab", "b", "'a*'"),
        ({"numeric": [">=", 1, "<", 5]}, 1, 5, ">= 1 and < 5"),
        ({"cidr": "10.0.0.0/8"}, "10.0.0.1", "192.0.2.1", "10.0.0.0/8"),
        ({"anything-but": {"equals-ignore-case": "a"}}, "b", "A", "anything but 'a'"),
    ],
)
def test_an_operator_matches_and_its_sentence_shows_the_argument(
    pattern: ModuleType, operator: dict[str, Any], matching: object, other: object, shown: str
) -> None:
    """The argument is shown where the operator stands alone, and where it is one of several alternatives."""
    pattern.check({"a": [operator]})
    assert pattern.matches({"a": [operator]}, {"a": matching})
    assert not pattern.matches({"a": [operator]}, {"a": other})
    for alternatives in ([operator], [operator, "c"]):
        assert shown in str(pattern.mismatch({"a": alternatives}, {"a": other}))
    assert pattern.mismatch({"a": [operator]}, {"a": matching}) is None


@pytest.mark.parametrize("name", ["prefix", "suffix"])
def test_an_empty_prefix_or_suffix_is_not_shown(pattern: ModuleType, name: str) -> None:
    """It matches any text, so the sentence says that the value is not a text."""
    assert pattern.matches({"a": [{name: ""}]}, {"a": "x"})
    assert pattern.mismatch({"a": [{name: ""}]}, {"a": 1}) == "a: 1 is not a text"


@pytest.mark.parametrize("name", ["exactly", "prefix", "suffix", "equals-ignore-case", "wildcard", "numeric", "cidr"])
def test_an_argument_of_another_type_is_refused(pattern: ModuleType, name: str) -> None:
    """No operator takes null."""
    with pytest.raises(pattern.PatternError):
        pattern.check({"a": [{name: None}]})


def test_a_prefix_in_any_case_has_no_other_key(pattern: ModuleType) -> None:
    """EventBridge refuses an object with a second key."""
    with pytest.raises(pattern.PatternError):
        pattern.check({"a": [{"prefix": {"equals-ignore-case": "a", "wildcard": "b"}}]})


def test_a_refused_prefix_of_anything_but_is_shown(pattern: ModuleType) -> None:
    """The message ends with the argument that it is about."""
    with pytest.raises(pattern.PatternError, match=r"not ''$"):
        pattern.check({"a": [{"anything-but": {"prefix": ["a", ""]}}]})
