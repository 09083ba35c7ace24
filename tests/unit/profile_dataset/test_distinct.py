"""How many distinct values there are: exact while they are few, near the truth when they are many, and said which."""

from collections.abc import Iterator
from itertools import batched

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.profile_dataset.distinct import Distinct, error, limit


@given(st.lists(st.lists(st.text(max_size=2))))
def test_few_values_are_counted_exactly(blocks: list[list[str]]) -> None:
    """Whatever the blocks, and however often a value is there."""
    distinct = Distinct(10_000)
    for block in blocks:
        distinct.add(block)
    assert (distinct.count, distinct.is_estimate) == (len({value for block in blocks for value in block}), False)


@pytest.mark.parametrize("truth", [1_001, 5_000, 100_000])
def test_many_values_are_estimated(truth: int) -> None:
    """Within three standard errors, and as an estimate; one value more than the limit is enough."""
    distinct = counted(map(str, range(truth)), 1_000)
    assert distinct.is_estimate
    assert abs(distinct.count / truth - 1) < 3 * error(1_000)


def test_the_limit_itself_is_exact() -> None:
    """Repetitions do not pass it."""
    distinct = counted((str(number % 1_000) for number in range(50_000)), 1_000)
    assert (distinct.count, distinct.is_estimate) == (1_000, False)


def test_an_estimate_does_not_depend_on_the_blocks() -> None:
    """A repeated run says the same, or its profile would be another."""
    values = [str(number) for number in range(20_000)]
    assert (
        len({counted(iter(order), 100, size).count for order in (values, values[::-1]) for size in (1, 77, 9_999)}) == 1
    )


def test_the_more_columns_the_fewer_hashes_of_each() -> None:
    """All columns together stay in bounds; of ten thousand each still has fifty."""
    assert [limit(columns) for columns in (1, 50, 51, 1_000, 10_000)] == [10_000, 10_000, 9_803, 500, 50]


def counted(values: Iterator[str], exact: int, size: int = 1_000) -> Distinct:
    """Return the sketch of values that came in blocks of a size."""
    distinct = Distinct(exact)
    for block in batched(values, size, strict=False):
        distinct.add(block)
    return distinct
