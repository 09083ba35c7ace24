"""The evaluator runs the subset of the query language and refuses everything else."""

from typing import Any, Final

import pytest

from tests.insights.evaluator import fields_of, run
from tests.insights.grammar import QueryError

EVENTS: Final[list[dict[str, Any]]] = [
    {"@timestamp": "1", "function": "a", "ms": 10, "error": "KeyError"},
    {"@timestamp": "2", "function": "a", "ms": 30},
    {"@timestamp": "3", "function": "b", "ms": 20, "error": "Timeout"},
    {"@timestamp": "4", "message": "START of b"},
]


def times(query: str, **parameters: str) -> str:
    """Return the times of the rows of a query."""
    return "".join(str(row["@timestamp"]) for row in run(query, EVENTS, **parameters))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('function = "a"', "12"),
        ("function = 'a'", "12"),
        ("ms = 20", "3"),
        ("ms > 10", "23"),
        ("ms >= 10 and ms <= 20", "13"),
        ("ms < 30", "13"),
        ('function in ["b", "c"]', "3"),
        ("ms in [10, 30]", "12"),
        ("error like /^Key/", "1"),
        ('error like "out"', "3"),
        ("ispresent(error)", "13"),
        ("not ispresent(error)", "24"),
        ('function = "b" or ms = 10 and ispresent(error)', "13"),
        ('(function = "b" or ms = 10) and error like "K"', "1"),
        ("ms = 'text'", ""),
        ("absent > 1", ""),
    ],
)
def test_a_filter_keeps_the_events_that_satisfy_it(condition: str, expected: str) -> None:
    """`and` binds more tightly than `or`, and a comparison with a missing field is false."""
    assert times(f"fields @timestamp | filter {condition}") == expected


def test_rows_are_sorted_and_limited() -> None:
    """Rows without the field come last, and the first field decides first."""
    assert times("fields @timestamp | sort ms desc") == "2314"
    assert times("fields @timestamp | sort function asc, ms desc | limit 3") == "213"


def test_fields_are_shown_where_they_exist() -> None:
    """A query without `fields` shows all of them."""
    assert run("fields function, error | limit 2", EVENTS) == [
        {"function": "a", "error": "KeyError"},
        {"function": "a"},
    ]
    assert run("limit 1", EVENTS) == EVENTS[:1]


def test_stats_aggregate_each_group() -> None:
    """Events without the field do not count, except for count(*)."""
    query = """
    stats count(*) as all, count(error) as errors, sum(ms) as total, avg(ms) as mean, min(ms) as least,
        max(ms) as most, pct(ms, 50) as median, pct(ms, 99) as p99, count_distinct(error) as kinds by function
    | sort total desc
    """
    first, second, third = run(query, EVENTS)
    assert first == {
        "function": "a",
        "all": 2,
        "errors": 1,
        "total": 40,
        "mean": 20,
        "least": 10,
        "most": 30,
        "median": 10,
        "p99": 30,
        "kinds": 1,
    }
    assert (second["function"], second["all"], second["p99"]) == ("b", 1, 20)
    assert (third["function"], third["all"], third["total"], third["mean"], third["p99"]) == (None, 1, 0, None, None)


def test_stats_without_groups_have_one_row() -> None:
    """The length of a text can be added up."""
    assert run("stats sum(strlen(function)) as bytes", EVENTS) == [{"bytes": 3}]


def test_a_parameter_is_replaced() -> None:
    """Each occurrence of {{name}}."""
    assert times('fields @timestamp | filter function = "{{name}}"', name="b") == "3"


def test_a_comment_is_no_part_of_the_query() -> None:
    """A comment has lines of its own."""
    assert times("# fields absent | nonsense\nfields @timestamp\n# more\n| limit 1") == "1"


@pytest.mark.parametrize(
    "query",
    [
        "parse @message '*' as x",
        "fields ms + 1",
        "filter ms ! 1",
        "filter ms",
        "filter ms = 1 ms = 2",
        "filter ms = other",
        "filter (ms = 1",
        "filter function like other",
        "filter ispresent error",
        "filter ms in [1",
        "stats count(*)",
        "stats median(ms) as m",
        "stats sum(trim(ms)) as m",
        "stats pct(ms, ms) as m",
        "sort ms",
        "limit ms",
        "fields ms |",
        "fields ms ; limit 1",
        "stats ms as m by function",
        "stats sum ms x as m",
    ],
)
def test_everything_else_is_refused(query: str) -> None:
    """A query outside the subset cannot pass a test by accident."""
    with pytest.raises(QueryError):
        run(query, EVENTS)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            'fields @timestamp, a.b | filter c = "x" and (d in ["e"] or not ispresent(f)) | sort g asc',
            "@timestamp a.b c d f g",
        ),
        ("stats sum(strlen(@message)) as bytes, count(*) as lines by @log | sort bytes desc", "@message @log"),
        ("stats max(a) as most", "a"),
    ],
)
def test_the_fields_of_a_query_are_known(query: str, expected: Any) -> None:  # noqa: ANN401 - names in one text
    """Without keywords, values and aliases."""
    assert fields_of(query) == set(expected.split())
