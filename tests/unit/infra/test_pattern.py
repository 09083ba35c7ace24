"""EventBridge's matching, operator by operator, and the words for what does not match."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.pattern import PatternError, check, matches, mismatch


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
    """Values as JSON has them; a list in the event matches by any of its elements."""
    check({"detail": {"field": wanted}})
    assert matches({"detail": {"field": wanted}}, {"detail": {"field": value}}) is matched


@pytest.mark.parametrize("wanted", [["a"], [None], [{"anything-but": "a"}], [{"exists": True}], [{"prefix": ""}]])
def test_a_missing_field_matches_nothing_but_its_absence(wanted: list[Any]) -> None:
    """`exists: false` alone is met by a field that is not there, also where its parents are not."""
    assert mismatch({"detail": {"field": wanted}}, {"detail": {}}) == "detail.field: missing"
    assert matches({"detail": {"field": [{"exists": False}]}}, {})


def test_every_field_must_match() -> None:
    """Fields are joined by and, the alternatives of one field by or."""
    pattern = {"source": ["a", "b"], "detail": {"x": [1], "y": [2]}}
    assert matches(pattern, {"source": "b", "detail": {"x": 1, "y": 2, "z": 3}})
    assert not matches(pattern, {"source": "b", "detail": {"x": 1, "y": 3}})


def test_or_needs_one_branch() -> None:
    """At the top and below; the sentence says what each branch lacked."""
    pattern = {"detail": {"$or": [{"x": [1]}, {"y": [{"numeric": [">", 5]}]}], "z": [0]}}
    check(pattern)
    assert matches(pattern, {"detail": {"x": 1, "z": 0}})
    assert matches(pattern, {"detail": {"y": 6, "z": 0}})
    assert (
        mismatch(pattern, {"detail": {"x": 2, "y": 5, "z": 0}})
        == "detail.x: 2 is not 1 and detail.y: 5 is not a number > 5"
    )


def test_arrays_of_objects_are_looked_into() -> None:
    """Any element may have the field."""
    pattern = {"detail": {"items": {"kind": ["b"]}}}
    assert matches(pattern, {"detail": {"items": [{"kind": "a"}, {"kind": "b"}]}})
    assert not matches(pattern, {"detail": {"items": [{"kind": "a"}]}})


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ({"detail-type": ["Object Deleted"]}, "detail-type: 'Object Created' is not 'Object Deleted'"),
        ({"detail": {"key": [{"prefix": "reports/"}]}}, "detail.key: 'scratch/a' does not start with 'reports/'"),
        ({"detail": {"n": [{"prefix": ""}]}}, "detail.n: 0 is not a text"),
        ({"detail": {"key": [{"suffix": ".b"}]}}, "detail.key: 'scratch/a' does not end with '.b'"),
        (
            {"detail": {"key": [{"prefix": {"equals-ignore-case": "X"}}]}},
            "detail.key: 'scratch/a' does not start with 'X' in any case",
        ),
        ({"detail": {"key": [{"wildcard": "*.b"}]}}, "detail.key: 'scratch/a' is not like '*.b'"),
        ({"detail": {"key": ["a", {"suffix": ".b"}]}}, "detail.key: 'scratch/a' is none of: 'a', ending with '.b'"),
        ({"detail": {"n": [{"numeric": [">", 0]}]}}, "detail.n: 0 is not a number > 0"),
        ({"detail": {"n": [{"numeric": [">", 0, "<=", 5]}]}}, "detail.n: 0 is not a number > 0 and <= 5"),
        (
            {"detail": {"n": [{"numeric": [">", 0]}, {"prefix": ""}, {"exists": False}]}},
            "detail.n: 0 is none of: a number > 0, any text, absent",
        ),
        ({"detail": {"n": [{"anything-but": [0, 1]}]}}, "detail.n: 0 is excluded: wanted is anything but 0 or 1"),
        (
            {"detail": {"key": [{"anything-but": {"prefix": ["s", "t"]}}]}},
            "detail.key: 'scratch/a' is excluded: wanted is anything but texts starting with 's' or starting with 't'",
        ),
        (
            {"detail": {"key": [{"anything-but": {"suffix": ""}}]}},
            "detail.key: 'scratch/a' is excluded: wanted is anything but any text",
        ),
        ({"detail": {"n": [{"exists": False}]}}, "detail.n: 0 is there, and must be absent"),
        ({"detail": {"tags": ["c"]}}, "detail.tags: none of 'a', 'b' is 'c'"),
        ({"detail": {"ip": [{"cidr": "10.0.0.0/8"}]}}, "detail.ip: '192.0.2.1' is not an address in 10.0.0.0/8"),
        ({"detail": {"flag": [False]}}, "detail.flag: true is not false"),
        ({"detail": {"long": ["x"]}}, f"detail.long: '{'l' * 78}… is not 'x'"),
    ],
)
def test_a_mismatch_is_one_sentence(pattern: dict[str, Any], sentence: str) -> None:
    """The field, what it is, and what it should have been."""
    detail = {"key": "scratch/a", "n": 0, "ip": "192.0.2.1", "flag": True, "long": "l" * 200, "tags": ["a", "b"]}
    assert mismatch(pattern, {"detail-type": "Object Created", "detail": detail}) == sentence


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ({}, "the pattern is empty: it would match every event"),
        ({"detail": {}}, "detail: an empty object matches nothing"),
        ({"detail": {"a": []}}, "detail.a: an empty list matches nothing"),
        ({"detail-type": "x"}, "detail-type: must be a list of values, not 'x'"),
        ({"a": [["b"]]}, "a: a list within a list matches nothing"),
        ({"a": [{"prefixx": "b"}]}, "a: unknown operator 'prefixx'; did you mean 'prefix'?"),
        ({"a": [{"prefix": "b", "suffix": "c"}]}, "a: an operator stands alone, not 2 in one object"),
        ({"a": [{"prefix": 1}]}, "a: prefix takes a text, not 1"),
        ({"a": [{"prefix": {"wildcard": "x"}}]}, "a: prefix takes a text or {equals-ignore-case: text}"),
        ({"a": [{"equals-ignore-case": ""}]}, "a: equals-ignore-case takes a text, not ''"),
        ({"a": [{"wildcard": "a**b"}]}, "a: wildcard takes no two * in a row"),
        ({"a": [{"wildcard": "a\\b"}]}, "a: wildcard knows only the escapes \\* and \\\\"),
        ({"a": [{"anything-but": []}]}, "a: anything-but takes texts or numbers, not []"),
        (
            {"a": [{"anything-but": {"cidr": "x"}}]},
            "a: anything-but takes values or one of prefix, suffix, equals-ignore",
        ),
        ({"a": [{"anything-but": {"prefix": []}}]}, "a: anything-but takes at least one value"),
        ({"a": [{"numeric": [">"]}]}, "a: numeric takes a comparison and a number, or two of each"),
        ({"a": [{"numeric": ["!", 1]}]}, "a: numeric knows < <= = > >=, not '!'"),
        ({"a": [{"numeric": [">", "1"]}]}, "a: numeric takes numbers between ±5,000,000,000, not '1'"),
        ({"a": [{"numeric": ["<", 1, ">", 2]}]}, "a: numeric takes a range as > or >= and then < or <="),
        ({"a": [{"cidr": "10.0.0.0"}]}, "a: cidr takes a block such as 10.0.0.0/24, not '10.0.0.0'"),
        ({"a": [{"exists": "yes"}]}, "a: exists takes true or false, not 'yes'"),
        ({"$or": [{"a": ["b"]}]}, "$or: must be a list of two patterns or more"),
        ({"$or": [{"a": ["b"]}, {}]}, "$or: each branch must be a pattern"),
    ],
)
def test_what_eventbridge_would_refuse_is_refused(pattern: dict[str, Any], fault: str) -> None:
    """The dotted path and the fault, and for a typo what was meant."""
    with pytest.raises(PatternError) as refused:
        check(pattern)
    assert str(refused.value).startswith(fault)


scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
leaves = st.lists(
    scalars
    | st.fixed_dictionaries({"prefix": st.text(max_size=2)})
    | st.fixed_dictionaries({"exists": st.booleans()})
    | st.fixed_dictionaries({"anything-but": st.text(max_size=2)}),
    min_size=1,
    max_size=3,
)
patterns = st.dictionaries(
    st.sampled_from("abc"), leaves | st.dictionaries(st.sampled_from("abc"), leaves, min_size=1), min_size=1
)


@given(patterns, st.dictionaries(st.sampled_from("abc"), documents))
def test_any_event_matches_a_sound_pattern_or_has_a_reason(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    """Matching never fails on what an event may hold."""
    check(pattern)
    assert matches(pattern, event) is (mismatch(pattern, event) is None)


@given(scalars.filter(lambda value: isinstance(value, (str, int)) and not isinstance(value, bool)), scalars)
def test_anything_but_is_the_complement_of_the_value(wanted: object, value: object) -> None:
    """Of a field that is there, one of both matches and never both."""
    event = {"a": value}
    assert matches({"a": [wanted]}, event) is not matches({"a": [{"anything-but": wanted}]}, event)
