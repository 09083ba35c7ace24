"""Why an event does not match: one sentence about the first field that does not match."""

from typing import Any, Final

import pytest

from functions.runtime.patterns.pattern import check, matches, mismatch


@pytest.mark.parametrize("wanted", [["a"], [None], [{"anything-but": "a"}], [{"exists": True}], [{"prefix": ""}]])
def test_a_missing_field_matches_nothing_but_its_absence(wanted: list[Any]) -> None:
    """Only `exists: false` matches a missing field, even if the parents of the field are missing too."""
    assert mismatch({"detail": {"field": wanted}}, {"detail": {}}) == "detail.field: missing"
    assert matches({"detail": {"field": [{"exists": False}]}}, {})


def test_or_needs_one_branch() -> None:
    """At the top level and below; the sentence contains the fault of each branch."""
    pattern = {"detail": {"$or": [{"x": [1]}, {"y": [{"numeric": [">", 5]}]}], "z": [0]}}
    check(pattern)
    assert matches(pattern, {"detail": {"x": 1, "z": 0}})
    assert matches(pattern, {"detail": {"y": 6, "z": 0}})
    assert (
        mismatch(pattern, {"detail": {"x": 2, "y": 5, "z": 0}})
        == "detail.x: 2 is not 1 and detail.y: 5 is not a number > 5"
    )


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
        ({"detail": {"key": ["a", {"suffix": ".b"}]}}, "detail.key: 'scratch/a' is not one of: 'a', ending with '.b'"),
        ({"detail": {"n": [{"numeric": [">", 0]}]}}, "detail.n: 0 is not a number > 0"),
        ({"detail": {"n": [{"numeric": [">", 0, "<=", 5]}]}}, "detail.n: 0 is not a number > 0 and <= 5"),
        (
            {"detail": {"n": [{"numeric": [">", 0]}, {"prefix": ""}, {"exists": False}]}},
            "detail.n: 0 is not one of: a number > 0, any text, absent",
        ),
        (
            {"detail": {"n": [{"anything-but": [0, 1]}]}},
            "detail.n: 0 is excluded: the pattern accepts anything but 0 or 1",
        ),
        (
            {"detail": {"key": [{"anything-but": {"prefix": ["s", "t"]}}]}},
            (
                "detail.key: 'scratch/a' is excluded: "
                "the pattern accepts anything but texts starting with 's' or starting with 't'"
            ),
        ),
        ({"detail": {"key": [{"exactly": "scratch"}]}}, "detail.key: 'scratch/a' is not 'scratch'"),
        ({"detail": {"tags": [{"exists": False}]}}, "detail.tags: 'a', 'b' are present and must be absent"),
        ({"detail": {"tags": [{"exists": False}, "c"]}}, "detail.tags: none of 'a', 'b' is absent or 'c'"),
        (
            {"detail": {"huge": [{"numeric": [">", 0]}]}},
            (
                "detail.huge: 9007199254740993 has more digits than a double, "
                "so EventBridge does not match it with a number > 0"
            ),
        ),
        ({"detail": {"n": [{"exists": False}]}}, "detail.n: 0 is present and must be absent"),
        ({"detail": {"many": [9]}}, "detail.many: none of 0, 1, 2, 3, 4, and 3 others is 9"),
        ({"detail": {"tags": ["c"]}}, "detail.tags: none of 'a', 'b' is 'c'"),
        ({"detail": {"ip": [{"cidr": "10.0.0.0/8"}]}}, "detail.ip: '192.0.2.1' is not an address in 10.0.0.0/8"),
        ({"detail": {"flag": [False]}}, "detail.flag: true is not false"),
        ({"detail": {"long": ["x"]}}, f"detail.long: '{'l' * 78}… is not 'x'"),
    ],
)
def test_a_mismatch_is_one_sentence(pattern: dict[str, Any], sentence: str) -> None:
    """The field, its value, and the values that the pattern accepts."""
    detail = {"key": "scratch/a", "n": 0, "ip": "192.0.2.1", "flag": True, "long": "l" * 200, "tags": ["a", "b"]}
    detail |= {"huge": 2**53 + 1, "many": [*range(8), *range(8)]}
    assert mismatch(pattern, {"detail-type": "Object Created", "detail": detail}) == sentence


ITEMS: Final = {"detail": {"items": [{"kind": "a", "size": 9, "old": True}, {"kind": "b", "size": 1, "tags": ["x"]}]}}


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        (
            {"kind": ["a"], "size": [{"numeric": ["<", 5]}]},
            "no single element of detail.items has both kind: 'a' and size: a number < 5",
        ),
        (
            {"kind": ["b"], "size": [1], "old": [True]},
            "no single element of detail.items has all of kind: 'b' and size: 1 and old: true",
        ),
        (
            {"kind": ["a"], "old": [{"exists": False}]},
            "no single element of detail.items has both kind: 'a' and old: absent",
        ),
        ({"size": [9], "old": [{"exists": False}]}, "detail.items.old: true is present and must be absent"),
        (
            {"kind": ["b"], "tags": [{"exists": False}]},
            "no single element of detail.items has both kind: 'b' and tags: absent",
        ),
        ({"kind": ["c"], "size": [1]}, "detail.items.kind: none of 'a', 'b' is 'c'"),
        (
            {"kind": ["a"], "$or": [{"size": [1]}, {"tags": ["x"]}]},
            (
                "no single element of detail.items has both kind: 'a' and size: 1 and "
                "no single element of detail.items has both kind: 'a' and tags: 'x'"
            ),
        ),
        (
            {"size": [1], "$or": [{"kind": ["a"]}, {"old": [False]}]},
            "no single element of detail.items has both size: 1 and kind: 'a' and detail.items.old: true is not false",
        ),
    ],
)
def test_the_sentence_about_an_array_says_which_fields_are_not_in_one_element(
    items: dict[str, Any], sentence: str
) -> None:
    """Each field matches in some element, but no element matches all fields."""
    pattern = {"detail": {"items": items}}
    check(pattern)
    assert mismatch(pattern, ITEMS) == sentence


def test_a_field_in_another_array_is_not_blamed() -> None:
    """Fields outside arrays are not named; of nested arrays, the innermost common array is named."""
    users = [{"name": "x", "tags": [{"k": 1}, {"v": 2}]}]
    pattern = {"detail": {"n": [0], "users": {"name": ["x"], "tags": {"k": [1], "v": [2]}}, "other": {"k": [1]}}}
    event = {"detail": {"n": 0, "users": users, "other": [{"k": 1}]}}
    assert mismatch(pattern, event) == (
        "no single element of detail.users has all of name: 'x' and tags.k: 1 and tags.v: 2"
    )
    assert mismatch({"detail": {"users": {"tags": {"k": [1], "v": [2]}}}}, event) == (
        "no single element of detail.users.tags has both k: 1 and v: 2"
    )


def test_the_sentence_is_about_the_branches_that_come_furthest() -> None:
    """The sentence explains the branch that matches the most fields."""
    pattern = {"$or": [{"x": [1]}, {"x": [2]}], "detail": {"$or": [{"y": [1]}, {"z": [1]}]}}
    assert mismatch(pattern, {"x": 1, "detail": {"y": 2}}) == "detail.y: 2 is not 1 and detail.z: missing"
    assert mismatch(pattern, {"x": 3, "detail": {"y": 1}}) == "x: 3 is not 1 and x: 3 is not 2"
    assert mismatch(pattern, {"x": 2, "detail": {"z": 1}}) is None


def test_a_field_that_may_be_absent_is_not_blamed_for_another() -> None:
    """The other fields choose the element in which the field must be absent."""
    pattern = {"d": {"b": [{"exists": False}], "a": [1]}, "source": ["x"]}
    assert mismatch(pattern, {"d": [{"a": 1}, {"b": 2}], "source": "y"}) == "source: 'y' is not 'x'"
    assert mismatch(pattern, {"d": [{"a": 1}, {"b": 2}], "source": "x"}) is None
    either = {"b": [{"exists": False}], "$or": [{"x": [1]}, {"y": [1]}]}
    assert mismatch(either, {"b": 1, "x": 1}) == "b: 1 is present and must be absent"
