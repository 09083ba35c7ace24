"""`journal show` is in the order of time and shows outcomes; `reconcile` without a function compares all of them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.runtime.core import subject_filter
from functions.runtime.envelopes.envelope import parse
from functions.runtime.ledger.run_key import RunKey
from herald.deployment import switch
from herald.deployment.deployment import Deployment
from tests.events import body, cloud_event
from tests.unit.herald.investigate.installation import journalled, run

NOW = datetime.now(UTC)


def write(deployment: Deployment, name: str, *events: dict[str, Any]) -> None:
    """Put an object with events into the journal."""
    filtered = subject_filter.make([each["detail"]["subject"] for each in events])
    key = f"events/{NOW:%Y/%m/%d/%H/%Y%m%dT%H%M%S}-{name}.{filtered}.jsonl"
    lines = "\n".join(body(each) for each in events)
    deployment.client("s3").put_object(Bucket="journal", Key=key, Body=lines.encode())


def event(event_id: str, minutes: int, event_type: str = "invoice.totalled") -> dict[str, Any]:
    """Return an event of some minutes ago."""
    time = (NOW - timedelta(minutes=minutes)).isoformat()
    made = cloud_event(
        id=event_id, source="herald.total", type=event_type, subject=f"invoice/{event_id}", data={"sum": 1}
    )
    return made | {"time": time}


def processed(deployment: Deployment, described: dict[str, Any], function: str) -> None:
    """Put the row of a processed run into the ledger."""
    key = RunKey.of(parse(body(described)), function)
    item = {"pk": {"S": key.subject}, "sk": {"S": key.sk}, "decision": {"S": "processed"}, "status": {"S": "COMPLETED"}}
    deployment.client("dynamodb").put_item(TableName="ledger", Item=item)


def test_events_are_in_the_order_of_time(deployment: Deployment) -> None:
    """Also when a later object holds an earlier event."""
    write(deployment, "0", event("late", 1))
    write(deployment, "1", event("early", 5))
    assert [line.split()[-1] for line in run("journal", "show").stdout.splitlines()] == ["early", "late"]


def test_outcomes_of_each_function(deployment: Deployment) -> None:
    """A function with a row, one without, and an event that no pattern matches."""
    described = event("a", 3)
    write(deployment, "0", described, event("b", 2), event("c", 1, "nothing.wanted"))
    processed(deployment, described, "book")
    ends = [line.partition("  → ")[2] for line in run("journal", "show", "--outcome").stdout.splitlines()]
    assert ends == ["book processed", "book missing", "no function receives it"]


def test_json_has_no_outcomes(deployment: Deployment) -> None:
    """It prints the events themselves, which other commands read."""
    assert deployment.queues
    assert run("journal", "show", "--outcome", "--json").exit_code != 0


def test_all_functions_are_compared(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those without events in the journal are named, and so are the paused ones."""
    monkeypatch.setattr(switch, "paused", lambda _deployment: ["book"])
    journalled(deployment, 1)
    done = run("reconcile", "--from", "1h")
    assert "the journal has no events for measure: not compared" in done.stderr
    assert "book: 1 event: 0 processed, 0 open, 1 missing, 0 stuck, 0 dead." in done.stdout
    assert "book is paused: `herald resume book` starts it." in done.stdout
    answer = json.loads(run("reconcile", "--from", "1h", "--json").stdout)
    assert {each["function"]: each["paused"] for each in answer["functions"]} == {
        "archive": False,
        "book": True,
        "forget": False,
        "greet": False,
        "total": False,
        "warn": False,
    }


def test_repair_needs_a_function(deployment: Deployment) -> None:
    """Nothing is sent to all functions at once."""
    assert deployment.queues
    done = run("reconcile", "--repair")
    assert (done.exit_code, "--repair needs the name of one function" in done.stderr) == (2, True)
