"""`herald trace` shows the chain of runs of an event from its root, whatever event of it is asked for."""

import json
from typing import Any

import pytest

from functions.runtime.core.lineage import Cause, Lineage, to_metadata
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate.trace import lag
from tests.unit.herald.investigate.installation import FILE, run, settled

EVENT = {"kind": "event", "type": "invoice.totalled", "subject": "invoice/7", "id": "e7"}


def cause(function: str, subject: str, event_id: str) -> str:
    """Return the cause in a row."""
    return json.dumps({"subject": subject, "function": function, "event_id": event_id})


def chain(deployment: Deployment) -> None:
    """Put a chain of three runs into the ledger: `total` on a file, then `book`, then `warn`."""
    written = {"id": "f1", "type": "Object Created", "time": "2026-11-28T10:00:00Z"}
    settled(deployment, FILE, "total", written, EVENT, correlation_id="f1", duration_ms=12)
    totalled = {"id": "e7", "type": "invoice.totalled"}
    booked = {"kind": "event", "type": "invoice.booked", "subject": "book/7", "id": "b7"}
    settled(deployment, "invoice/7", "book", totalled, booked, correlation_id="f1", cause=cause("total", FILE, "f1"))
    settled(deployment, "book/7", "warn", {"id": "b7"}, correlation_id="f1", cause=cause("book", "invoice/7", "e7"))


def traced(what: str, *options: str) -> dict[str, Any]:
    """Return the answer of `herald trace --json`."""
    answer = run("trace", what, "--json", *options)
    assert answer.exit_code == 0, (answer.output, answer.exception)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def shape(runs: list[dict[str, Any]]) -> list[Any]:
    """Return the functions of a tree; the asked one has a star."""
    return [
        (each["function"] + "*" * each["asked"], *(shape(effect["runs"]) for effect in each["effects"]))
        for each in runs
    ]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (FILE, [("total*", [("book", [("warn",)])])]),
        ("invoice/7", [("total", [("book*", [("warn",)])])]),
        ("b7", [("total", [("book", [("warn*",)])])]),
        ("f1", [("total*", [("book", [("warn",)])])]),
        ('{"subject": "invoice/7", "event_id": "e7"}', [("total", [("book*", [("warn",)])])]),
    ],
)
def test_the_tree_begins_at_the_root(deployment: Deployment, what: str, expected: list[Any]) -> None:
    """For a subject, an event id, a correlation id and a line of a log."""
    chain(deployment)
    answer = traced(what)
    assert shape(answer["root"]["runs"]) == expected
    assert (answer["root"]["subject"], answer["correlation_id"], answer["runs"]) == (FILE, "f1", 3)
    assert answer["root"]["short_subject"] == "invoices/in/7.json"


def test_each_line_has_time_decision_duration_and_lag(deployment: Deployment) -> None:
    """The subject is short, or physical with `--verbose`."""
    chain(deployment)
    lines = run("trace", "e7").stdout.splitlines()
    assert lines[0].startswith("invoices/in/7.json  Object Created  2026-11-28T10:00:00Z  correlation f1")
    assert "total processed  " in lines[1]
    assert ", attempt 1, 12 ms" in lines[1]
    assert "(+" in lines[1]
    assert lines[2].endswith("caused invoice.totalled about invoice/7")
    assert lines[3].endswith("← asked")
    assert run("trace", "e7", "--verbose").stdout.startswith(f"{FILE}  ")


def test_a_correlation_id_that_is_not_an_event_id_is_found(deployment: Deployment) -> None:
    """By a search of the index, which says so on stderr."""
    settled(deployment, "customer/7", "greet", {"id": "c1"}, correlation_id="trace-7")
    answer = run("trace", "trace-7")
    assert answer.stdout.startswith("customer/7")
    assert "trace-7 is the correlation id of a run on customer/7" in answer.stderr


def test_a_cause_that_the_ledger_no_longer_has_is_named(deployment: Deployment) -> None:
    """The tree begins at the first run that is left."""
    settled(deployment, "invoice/7", "book", {"id": "e7"}, cause=cause("total", FILE, "f1"))
    assert traced("invoice/7")["root"]["cause"]["function"] == "total"
    assert "caused by total on s3://invoices/in/7.json: the ledger no longer has that run" in run("trace", "e7").stdout


def test_the_cause_of_an_object_that_its_run_did_not_read_is_in_its_metadata(deployment: Deployment) -> None:
    """The run that wrote the object put its ids there."""
    wrote = {"kind": "object", "subject": "s3://totals/7.json"}
    settled(deployment, FILE, "total", {"id": "f1"}, wrote)
    settled(deployment, "s3://totals/7.json", "archive", {"id": "o1"})
    lineage = Lineage(correlation_id="f1", cause=Cause(subject=FILE, function="total", event_id="f1"), depth=1)
    metadata = to_metadata(lineage)
    deployment.client("s3").put_object(Bucket="totals", Key="7.json", Body=b"{}", Metadata=metadata)
    assert shape(traced("s3://totals/7.json")["root"]["runs"]) == [("total", [("archive*",)])]


def test_a_cycle_of_causes_ends(deployment: Deployment) -> None:
    """Two runs that name each other as their cause; each is shown once."""
    for one, other in (("a", "b"), ("b", "a")):
        effect = {"kind": "event", "type": "t", "subject": f"x/{other}", "id": other}
        settled(deployment, f"x/{one}", "book", {"id": one}, effect, cause=cause("book", f"x/{other}", other))
    answer = traced("x/a")
    assert answer["runs"] == 2
    assert answer["root"]["cause"] is None


def test_thousands_of_effects_are_counted_and_not_shown(deployment: Deployment) -> None:
    """One run has fifty effects of 10,050 in its row; the limit of the answer is reached level by level."""
    effects = [{"kind": "event", "type": "t", "subject": f"x/{number}", "id": str(number)} for number in range(50)]
    settled(deployment, "many", "book", {"id": "m"}, *effects, effects_omitted=10_000)
    for number in range(50):
        below = {"kind": "notice", "subject": f"n/{number}"}
        settled(deployment, f"x/{number}", "warn", {"id": str(number)}, below)
    (root,) = traced("many", "--limit", "20")["root"]["runs"]
    assert len(root["effects"]) == 50, "the effects of the asked run"
    assert root["effects_not_shown"] == 10_000
    caused = [each for effect in root["effects"] for each in effect["runs"]]
    assert {each["effects_not_shown"] for each in caused} == {1}
    lines = run("trace", "many", "--limit", "20").stdout.splitlines()
    assert len(lines) < 200
    assert lines[-1].endswith("and 10000 more effects")


def test_a_subject_without_a_run_is_an_error(deployment: Deployment) -> None:
    """The message names the command that also reads the journal."""
    assert deployment
    refused = run("trace", "customer/404")
    assert isinstance(refused.exception, CommandError)
    assert "no run found for customer/404: `herald why`" in str(refused.exception)


@pytest.mark.parametrize(
    ("time", "settled_at", "expected"),
    [
        ("2026-11-28T10:00:00.250Z", None, 750),
        ("2026-11-28T10:00:00Z", None, 1_000),
        ("2026-11-28T10:00:00Z", 900, 100),
        ("2026-11-28T10:00:00.250Z", 200, 750),
        ("2026-11-28T10:00:02Z", None, 0),
        ("yesterday", None, None),
        (None, None, None),
    ],
)
def test_the_lag_is_the_time_from_the_event_to_the_first_claim(
    time: str | None, settled_at: int | None, expected: int | None
) -> None:
    """Of a time in whole seconds the end of the cause says more; clocks may differ, and a lag is never negative."""
    ten = 1_795_860_000_000
    parent = {"settled_at": ten + settled_at} if settled_at else None
    assert lag({"first_at": ten + 1_000, "facts": {"time": time}}, parent) == expected
