"""Patterns that EventBridge refuses."""

import tomllib
from datetime import date
from typing import Any

import pytest

from functions.runtime.patterns.pattern import PatternError, check, check_declared, readings


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ({"detail": {"a": ["x", None]}}, "detail.a: null cannot be deployed: CDK drops it from the template"),
        (
            {"a": [0], "$or": [{"a": [1]}, {"b": [2]}]},
            ("a: the pattern has two conditions for this field (outside and inside $or"),
        ),
        ({"d": {"a.b": [1], "a": {"b": [2]}}}, "d.a.b: the pattern has two conditions for this field"),
        ({"a": [2**53 + 1]}, "a: 9007199254740993 has more digits than a CDK template keeps"),
        ({"a": [1.5, 0.0]}, "a: 0.0 becomes 0 in the template; write 0"),
    ],
)
def test_a_condition_that_would_be_dropped_is_refused(pattern: dict[str, Any], fault: str) -> None:
    """EventBridge accepts these patterns without a warning."""
    check(pattern)
    with pytest.raises(PatternError) as refused:
        check_declared(pattern)
    assert str(refused.value).startswith(fault)


@pytest.mark.parametrize(
    "pattern",
    [
        {"a": [0, "null", {"exists": False}], "$or": [{"b": [1]}, {"c": [1], "b": [2]}]},
        {"$or": [{"a": [1], "$or": [{"b": [1]}, {"c": [1]}]}, {"a": [2]}]},
        {"account": ["111122223333", 111122223333]},
    ],
)
def test_a_declaration_that_means_one_thing_is_taken(pattern: dict[str, Any]) -> None:
    """A field may be in several branches, and a number may have as many digits as a double."""
    check(pattern)
    check_declared(pattern)


def test_a_field_named_or_is_read_as_one() -> None:
    """As it is matched."""
    assert list(readings({"$or": [{"prefix": "a"}, {"suffix": "z"}]})) == [
        ("$or", "starting with 'a' or ending with 'z'")
    ]
    assert list(readings({"$or": [{"a": [1]}, {"b": [2]}]})) == [("the event, either", "a: 1, or b: 2")]


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ({}, "the pattern is empty: it would match every event"),
        ({"detail": {}}, "detail: an empty object matches nothing"),
        ({"detail": {"a": []}}, "detail.a: an empty list matches nothing"),
        ({"detail-type": "x"}, "detail-type: must be a list of values, not 'x'"),
        ({"a": [["b"]]}, "a: a list within a list matches nothing"),
        ({"a": [{"prefixx": "b"}]}, "a: unknown operator 'prefixx'; did you mean 'prefix'?"),
        ({"a": [{}]}, "a: an empty object matches nothing; write an operator, such as { exists = true }"),
        ({"a": [{"prefix": "b", "sufix": "c"}]}, "a: unknown operator 'sufix'; did you mean 'suffix'?"),
        ({"a": [{"prefix": "b", "suffix": 3}]}, "a: suffix needs"),
        ({"a": [{"prefix": 1}]}, "a: prefix needs a text, not 1"),
        ({"a": [{"prefix": {"wildcard": "x"}}]}, "a: prefix needs a text or { equals-ignore-case = text }"),
        ({"a": [{"equals-ignore-case": 1}]}, "a: equals-ignore-case needs a text, not 1"),
        ({"a": [float("inf")]}, "a: accepts texts, numbers, true and false, not inf"),
        ({"a": [date(2026, 1, 1)]}, "a: accepts texts, numbers, true and false, not datetime.date(2026, 1, 1)"),
        ({"a": [{"wildcard": "a**b"}]}, "a: wildcard must not have two * in a row"),
        ({"a": [{"wildcard": "a\\b"}]}, "a: wildcard accepts only the escapes \\* and \\\\"),
        ({"a": [{"anything-but": []}]}, "a: anything-but needs only texts or only numbers, not []"),
        (
            {"a": [{"anything-but": {"cidr": "x"}}]},
            "a: anything-but needs values or one of prefix, suffix, equals-ignore",
        ),
        ({"a": [{"anything-but": {"prefix": []}}]}, "a: anything-but needs at least one value"),
        ({"a": [{"numeric": [">"]}]}, "a: numeric needs a comparison and a number, or two of each"),
        ({"a": [{"numeric": ["!", 1]}]}, "a: numeric accepts the comparisons < <= = > >=, not '!'"),
        ({"a": [{"numeric": [">", "1"]}]}, "a: numeric needs numbers, not '1'"),
        (
            {"a": [{"numeric": [">", 2**53 + 1]}]},
            "a: numeric needs numbers that a double represents exactly, not 90",
        ),
        (
            {"a": [{"numeric": [">", 2, "<", 1]}]},
            "a: numeric needs a range from a lower to a higher number, not 2 to 1",
        ),
        ({"a": [{"numeric": ["<", 1, ">", 2]}]}, "a: numeric needs a range in the order > or >=, then < or <="),
        (
            {"a": [{"cidr": "10.0.0.0/32"}]},
            "a: cidr needs a block of at least two addresses, such as 10.0.0.0/24, not '10.0.0.0/32'",
        ),
        (
            {"detail": {"a": [{"wildcard": "*:*:*:*:*:x/*"}]}},
            "detail.a: wildcard is too complex: one value could match 11 prefixes of it at the same time",
        ),
        ({"a": [{"exists": "yes"}]}, "a: exists needs true or false, not 'yes'"),
        ({"$or": [{"a": ["b"]}]}, "$or: must be a list of at least two patterns"),
        ({"$or": [{"a": ["b"]}, {}]}, "$or: each branch must be a pattern"),
        (
            {"detail": {"$or": [{"a": ["b"]}, {"numeric": [1]}]}},
            "detail.numeric: 'numeric' is reserved, so no field within $or can have this name",
        ),
        (
            {f"g{n}": {"$or": [{"v": [1]}, {"w": [1]}]} for n in range(10)},
            "$or: 1,024 combinations of branches exceed EventBridge's limit of 1,000",
        ),
    ],
)
def test_a_pattern_that_eventbridge_refuses_is_refused(pattern: dict[str, Any], fault: str) -> None:
    """The dotted path, the fault and, for a typo, a suggestion."""
    with pytest.raises(PatternError) as refused:
        check(pattern)
    assert str(refused.value).startswith(fault)


@pytest.mark.parametrize(
    ("operators", "either", "both"),
    [
        (
            {"prefix": "in/", "suffix": ".csv"},
            'for either write [{ prefix = "in/" }, { suffix = ".csv" }]',
            'for both write [{ wildcard = "in/*.csv" }]',
        ),
        (
            {"suffix": "*", "prefix": "a\\"},
            'for either write [{ suffix = "*" }, { prefix = "a\\\\" }]',
            'for both write [{ wildcard = "a\\\\\\\\*\\\\*" }]',
        ),
        (
            {"exists": True, "numeric": [">", 0]},
            'for either write [{ exists = true }, { numeric = [">", 0] }]',
            'for both write [{ numeric = [">", 0] }]',
        ),
        (
            {"prefix": "a", "anything-but": {"suffix": "b"}},
            'for either write [{ prefix = "a" }, { anything-but = { suffix = "b" } }]',
            "for both write one of them here and check the others in the handler",
        ),
    ],
)
def test_several_operators_in_one_object_are_refused_with_alternatives(
    operators: dict[str, Any], either: str, both: str
) -> None:
    """A list means "or"; "and" is possible only for a prefix with a suffix. The advised patterns are valid."""
    names = " and ".join(operators)
    with pytest.raises(PatternError) as refused:
        check({"a": [operators]})
    assert str(refused.value) == f"a: an object can have only one operator, not {names}: {either}; {both}"
    for advice in (either, both):
        if "[" in advice:
            check(tomllib.loads(f"a = {advice.partition('write ')[2]}"))
