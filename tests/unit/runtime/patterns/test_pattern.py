"""EventBridge's matching, operator by operator, and the patterns that it refuses."""

from typing import Any

import pytest

from functions.runtime.patterns.pattern import check, matches


@pytest.mark.parametrize(
    ("wanted", "value", "matched"),
    [
        (["a"], "a", True),
        (["a"], "A", False),
        (["a", "b"], "b", True),
        ([""], "", True),
        ([1], 1, True),
        ([1], 1.0, True),
        ([1], "1", False),
        (["1"], 1, False),
        ([1], True, False),
        ([True], True, True),
        ([True], 1, False),
        ([None], None, True),
        ([None], "", False),
        (["b"], ["a", "b"], True),
        (["c"], ["a", "b"], False),
        (["a"], [], False),
        ([{"prefix": "re"}], "reports", True),
        ([{"prefix": "re"}], "Reports", False),
        ([{"prefix": ""}], "anything", True),
        ([{"prefix": "1"}], 12, False),
        ([{"prefix": {"equals-ignore-case": "RE"}}], "reports", True),
        ([{"suffix": ".xml"}], "a.xml", True),
        ([{"suffix": ".xml"}], "a.xml.bak", False),
        ([{"suffix": {"equals-ignore-case": ".XML"}}], "a.xml", True),
        ([{"equals-ignore-case": "Ada"}], "aDA", True),
        ([{"equals-ignore-case": "Ada"}], "Adam", False),
        ([{"wildcard": "a*.xml"}], "a/b/c.xml", True),
        ([{"wildcard": "a*.xml"}], "b.xml", False),
        ([{"wildcard": "*"}], "line\nbreak", True),
        ([{"wildcard": r"a\*b"}], "a*b", True),
        ([{"wildcard": r"a\*b"}], "axb", False),
        ([{"wildcard": r"a\\*"}], "a\\tail", True),
        ([{"wildcard": "a.c"}], "abc", False),
        ([{"anything-but": "a"}], "b", True),
        ([{"anything-but": "a"}], "a", False),
        ([{"anything-but": ["a", "b"]}], "b", False),
        ([{"anything-but": [1, 2]}], 3, True),
        ([{"anything-but": {"prefix": "tmp/"}}], "in/a", True),
        ([{"anything-but": {"prefix": "tmp/"}}], "tmp/a", False),
        ([{"anything-but": {"prefix": ["a", "b"]}}], "bee", False),
        ([{"anything-but": {"suffix": ".tmp"}}], "a.tmp", False),
        ([{"anything-but": {"equals-ignore-case": ["a", "b"]}}], "B", False),
        ([{"anything-but": {"wildcard": "*/tmp/*"}}], "a/tmp/b", False),
        ([{"numeric": [">", 0]}], 1, True),
        ([{"numeric": [">", 0]}], 0, False),
        ([{"numeric": [">", 0]}], "1", False),
        ([{"numeric": [">", 0]}], True, False),
        ([{"numeric": ["=", 3.018e2]}], 301.8, True),
        ([{"numeric": [">", 0, "<=", 5]}], 5, True),
        ([{"numeric": [">", 0, "<=", 5]}], 6, False),
        ([{"cidr": "10.0.0.0/24"}], "10.0.0.255", True),
        ([{"cidr": "10.0.0.0/24"}], "10.0.1.0", False),
        ([{"cidr": "2001:db8::/32"}], "2001:db8::1", True),
        ([{"cidr": "10.0.0.0/24"}], "host", False),
        ([{"exists": True}], None, True),
        ([{"exists": False}], "a", False),
        ([{"prefix": "x"}, {"suffix": "y"}], "zy", True),
        ([{"prefix": "x"}, None], None, True),
    ],
)
def test_an_operator_matches_as_eventbridge_does(wanted: list[Any], value: object, matched: bool) -> None:  # noqa: FBT001 - a column
    """JSON values; a list in the event matches if one of its elements matches."""
    check({"detail": {"field": wanted}})
    assert matches({"detail": {"field": wanted}}, {"detail": {"field": value}}) is matched


def test_every_field_must_match() -> None:
    """All fields must match, and one alternative of each field."""
    pattern = {"source": ["a", "b"], "detail": {"x": [1], "y": [2]}}
    assert matches(pattern, {"source": "b", "detail": {"x": 1, "y": 2, "z": 3}})
    assert not matches(pattern, {"source": "b", "detail": {"x": 1, "y": 3}})


def test_arrays_of_objects_are_looked_into() -> None:
    """The field may be in any element."""
    pattern = {"detail": {"items": {"kind": ["b"]}}}
    assert matches(pattern, {"detail": {"items": [{"kind": "a"}, {"kind": "b"}]}})
    assert not matches(pattern, {"detail": {"items": [{"kind": "a"}]}})
