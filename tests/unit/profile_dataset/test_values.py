"""What counts as a number, a date or a boolean, what does not, and how columns of several kinds are told."""

import math
import sys
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.profile_dataset.model import Kind
from functions.profile_dataset.values import by_kind
from tests.unit.profile_dataset.profiles import column


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("integer", ["0", "-0", "7", "-12", "999999999999999999"]),
        ("number", ["0.5", ".5", "5.", "-0.0", "1e3", "1E-7", "1.5e+10", "123456789012345678901.5"]),
        ("not_finite", ["NaN", "nan", "Infinity", "-inf", "+Inf", "1e999", "-1e999"]),
        ("boolean", ["true", "False", "TRUE"]),
        ("date", ["2026-02-28", "0001-01-01"]),
        ("datetime", ["2026-02-28T10:00Z", "2026-02-28 10:00:00", "2026-02-28t10:00:00,123456789+0530"]),
        ("text", ["007", "-01", "+49301234", "00.5", "1000000000000000000", "1" * 200, "1." + "0" * 100]),
        ("text", ["1,234.5", "1,5", "1_000", "0x1f", "1 000", "٣", "1e", "e5", ".", "-", "1.2.3", "10%"]),
        ("text", ["2026-02-30", "2026-2-3", "03/04/2026", "31.12.2026", "2026-W01-1", "2026-13-01", "10:00"]),
        ("text", ["2026-02-28T25:00", "2026-02-28T10:00:60", "2026-02-28T10:00+25:00", "2026-02-28T10"]),
        ("text", ["yes", "t", "infinit", "null", "NA", "true false"]),
    ],
)
def test_kinds(kind: Kind, texts: list[str]) -> None:
    """A leading zero or plus makes an identifier; what means other things in other countries is text."""
    assert {name: set(found) for name, found in by_kind(texts).items()} == {kind: set(texts)}


@given(st.integers(-(10**18) + 1, 10**18 - 1) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_as_they_were_written(number: float) -> None:
    """Whatever Python writes is read, and is the same."""
    ((kind, found),) = by_kind([repr(number)]).items()
    assert (kind, found) == ("integer" if isinstance(number, int) else "number", {repr(number): number})


@given(st.dates() | st.datetimes(timezones=st.none() | st.timezones().map(lambda _: UTC)))
def test_dates_and_times_are_read_as_they_were_written(day: date) -> None:
    """So is what Python writes of these; a time without a zone is taken for UTC."""
    ((kind, found),) = by_kind([day.isoformat()]).items()
    aware = day.replace(tzinfo=day.tzinfo or UTC) if isinstance(day, datetime) else day
    assert (kind, found[day.isoformat()]) == ("datetime" if isinstance(day, datetime) else "date", aware)


@pytest.mark.parametrize(
    ("cells", "kind", "told"),
    [
        (["1", "2", ""], "integer", {"min": 1, "max": 2, "mean": 1.5}),
        (["1", "2.5", "", " 4 "], "number", {"min": 1, "max": 4, "mean": 2.5}),
        (["1", "NaN", "1e999"], "number", {"min": 1, "max": 1, "mean": 1}),
        (["NaN", "-Infinity"], "number", {"min": None, "max": None, "mean": None}),
        (["true", "FALSE"], "boolean", {}),
        (["2026-02-01", "2025-12-31"], "date", {"min": "2025-12-31", "max": "2026-02-01"}),
        (
            ["2026-02-01", "2026-02-01T01:00+02:00"],
            "datetime",
            {"min": "2026-02-01T01:00:00+02:00", "max": "2026-02-01T00:00:00+00:00"},
        ),
        (["007", "12"], "text", {"min_length": 2, "max_length": 3}),
        (["2026-02-01", "01.02.2026"], "text", {"min_length": 10, "max_length": 10}),
        (["true", "1"], "text", {"min_length": 1, "max_length": 4}),
        (["", "  "], "empty", {}),
    ],
)
def test_a_type_has_room_for_all_values(cells: list[str], kind: str, told: dict[str, object]) -> None:
    """What has no type in common is text; what the values lie between is told in terms of the type."""
    found = column(*cells)
    bounds = {name: found[name] for name in ("min", "max", "mean", "min_length", "max_length") if name in found}
    assert (found["type"], bounds) == (kind, told)


def test_a_column_of_several_kinds_says_how_many_of_each() -> None:
    """One word among numbers makes the column text, and shows."""
    found = column("1", "2", "2", "3.5", "n/a", "", "2026-01-01")
    assert (found["type"], found["nulls"]) == ("text", 1)
    assert found["kinds"] == {"integer": 3, "number": 1, "text": 1, "date": 1}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**17), 10**17), min_size=1))
def test_a_mean_lies_between_the_bounds(numbers: list[float]) -> None:
    """Also where the sum of the numbers is more than a double holds. Subnormal numbers have fewer digits."""
    found = column(*map(repr, numbers))
    assert found["min"] <= found["mean"] <= found["max"]
    assert (found["min"], found["max"]) == (min(numbers), max(numbers))
    if max(map(abs, numbers)) < 1e300:
        exact = math.fsum(numbers) / len(numbers)
        tolerance = max(1e-9 * max(map(abs, numbers)), sys.float_info.min)
        assert math.isclose(found["mean"], exact, rel_tol=1e-9, abs_tol=tolerance)


def test_examples_are_the_first_distinct_values() -> None:
    """Five of them, cut to 120 characters."""
    found = column("b", "a", "b", "x" * 500, "", "c", "d", "e")
    assert found["examples"] == ["b", "a", "x" * 119 + "…", "c", "d"]
