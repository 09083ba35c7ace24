"""Each saved query answers its question on lines that the runtime writes.

CloudWatch Logs Insights cannot be run here. The evaluator knows only the subset of the language that the queries use;
docs/emulator-limits.md states what this does not prove.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from infra.constructs.observability import saved_queries
from tests.insights.conftest import DURATION_MS, Events
from tests.insights.evaluator import fields_of, run

QUERIES: Final = saved_queries.load()
FIELDS: Final = sorted({each for query in QUERIES.values() for each in fields_of(query)})
ITEM: Final = re.compile(r"\.\d+$")  # of a list: Insights names each


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Some fields of the rows that a query returns; `ordered` says whether the query fixes their order."""

    fields: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    parameters: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False


ANSWERS: Final[Mapping[str, Answer]] = {
    "one-run": Answer(
        parameters={"event_id": "one"},
        fields=("decision", "message", "attempt", "replay", "causation_id"),
        rows=[
            (None, "the order is complete", 1, None, "cause"),
            ("processed", "ship processed", 1, None, "cause"),
            ("duplicate", "ship duplicate", 0, None, "cause"),
            (None, "the order is complete", 1, "replay-1", "cause"),
            ("processed", "ship processed", 1, "replay-1", "cause"),
        ],
        ordered=True,
    ),
    "one-subject": Answer(
        parameters={"subject": "order/2"},
        fields=("function", "decision", "decision_reason", "event_id"),
        rows=[
            ("count", "stale", "a newer event of the subject was already processed", "old"),
            ("count", "processed", "the handler returned", "new"),
        ],
        ordered=True,
    ),
    "one-correlation": Answer(
        parameters={"correlation_id": "root"},
        fields=("decision", "event_id", "causation_id", "subject"),
        rows=[
            ("processed", "one", "cause", "order/one"),
            ("duplicate", "one", "cause", "order/one"),
            ("processed", "one", "cause", "order/one"),
        ],
        ordered=True,
    ),
    # The summary line of repeated dead letters is left out: it counts several of them.
    "failures-by-error": Answer(
        fields=("function", "decision", "failures", "subjects"),
        rows=[
            ("alert", "rejected", 1, 1),
            ("ship", "dead", 1, 1),
            ("ship", "rejected", 1, 1),
            ("ship", "retrying", 1, 1),
        ],
    ),
    # Decisions without a call of the handler have no duration.
    "slowest": Answer(
        fields=("event_id", "decision", "duration_ms"),
        rows=[
            ("new", "processed", DURATION_MS),
            ("one", "processed", DURATION_MS),
            ("one", "processed", DURATION_MS),
            ("rejected", "rejected", DURATION_MS),
            ("retried", "dead", DURATION_MS),
            ("retried", "retrying", DURATION_MS),
        ],
    ),
    "slowest-functions": Answer(
        fields=("function", "runs", "p99", "longest"),
        rows=[("count", 1, DURATION_MS, DURATION_MS), ("ship", 5, DURATION_MS, DURATION_MS)],
    ),
    "duplicates": Answer(
        fields=("function", "event_type", "duplicates", "events"), rows=[("ship", "customer.created", 1, 1)]
    ),
    "late-and-stale": Answer(
        fields=("function", "decision", "event_id"), rows=[("alert", "late", "ancient"), ("count", "stale", "old")]
    ),
    "cost-drivers": Answer(
        fields=("@log", "billed_ms", "memory"),
        rows=[(f"111122223333:/aws/lambda/herald-dev-{name}", 42, 9e7) for name in ("alert", "count", "ship")],
    ),
    "not-run": Answer(
        fields=("function", "decision", "subject"),
        rows=[
            ("alert", "late", "order/ancient"),
            ("alert", "rejected", "queue/alert"),
            ("count", "stale", "order/2"),
            ("ship", "duplicate", "order/one"),
            ("ship", "ignored", "s3://outputs-bucket/reports/"),
            ("ship", "rejected", "order/rejected"),
        ],
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_answers_its_question(name: str, log: Events) -> None:
    """Every query has an expected answer in ANSWERS."""
    expected = ANSWERS[name]
    found = [tuple(row.get(each) for each in expected.fields) for row in run(QUERIES[name], log, **expected.parameters)]
    assert (found if expected.ordered else sorted(found)) == expected.rows


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_of_a_query_is_in_the_log(name: str, log: Events) -> None:
    """A misspelled field would make a query return nothing, without an error."""
    assert ITEM.sub(".0", name) in {key for each in log for key in each}


def test_bytes_are_those_of_the_lines(log: Events) -> None:
    """Each line of the log is counted once, whatever wrote it."""
    rows = run(QUERIES["cost-drivers"], log)
    assert sum(row["bytes"] for row in rows) == sum(len(each["@message"]) for each in log)
    assert sum(row["lines"] for row in rows) == len(log)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_begins_with_its_question(name: str) -> None:
    """Each parameter stands in quotation marks and has a description in a comment."""
    text = QUERIES[name]
    question = text.splitlines()[0]
    assert question.startswith("# ")
    assert "?" in question
    for parameter in saved_queries.PARAMETER.findall(text):
        assert f"\n# {parameter}: " in text
        assert json.dumps("{{" + parameter + "}}") in text
