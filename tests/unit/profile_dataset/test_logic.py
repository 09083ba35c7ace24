"""What columns are called, where a profile is put, and what is announced."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.profile_dataset.profiles import profile


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,b,a,a", ["a", "b", "a (2)", "a (3)"]),
        ("a,,b,", ["a", "column 2", "b", "column 4"]),
        ("column 2,", ["column 2", "column 2 (2)"]),
        ("a (2),a,a", ["a (2)", "a", "a (3)"]),
        (" a ,a", ["a", "a (2)"]),
        ("a,A", ["a", "A"]),
        (f"{'n' * 500},{'n' * 500}", ["n" * 119 + "…", "n" * 119 + "… (2)"]),
    ],
)
def test_every_column_has_a_name_of_its_own(header: str, names: list[str]) -> None:
    """Doubles are numbered, and what has no name is called by its place."""
    columns = profile(f"{header}\n1,2\n")["columns"]
    assert [each["name"] for each in columns] == names


@given(st.lists(st.sampled_from(["", "a", "a (2)", "column 1", "column 2", "a (2) (2)"]), min_size=2, max_size=12))
def test_names_differ_whatever_the_headers(headers: list[str]) -> None:
    """Also where a header looks like a name that was made up; each column still says how its own was written."""
    columns = profile(",".join(headers))["columns"]
    assert len({each["name"] for each in columns}) == len(headers)
    assert [each["header"] for each in columns] == headers


def test_ten_thousand_columns_of_one_name_are_named_in_a_moment() -> None:
    """Their numbers are not looked for from the beginning each time."""
    columns = profile(",".join(["a"] * 10_000))["columns"]
    assert columns[-1]["name"] == "a (10000)"


def test_a_profile_says_how_the_dataset_is_written() -> None:
    """And how far the counts of distinct values can be trusted."""
    found = profile("a;b\n1;2\n")
    del found["columns"]
    assert found == {
        "dataset": "s3://outputs/datasets/a.csv",
        "encoding": "utf-8",
        "byte_order_mark": False,
        "delimiter": ";",
        "rows": 1,
        "blank_lines": 0,
        "distinct_limit": 10_000,
        "distinct_standard_error": 0.0141,
        "short_rows": {"count": 0, "lines": []},
        "long_rows": {"count": 0, "lines": []},
    }


def test_a_profile_is_json() -> None:
    """Without the words for infinity that JSON has not, whatever the numbers."""
    found = profile("a,b,c\n1e999,NaN,1.7e308\n-1e999,0.1,1.7e308\n,-Infinity,-1.7e308\n")
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["columns"][0]["kinds"] == {"not_finite": 2}
