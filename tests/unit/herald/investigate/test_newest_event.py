"""`herald why` explains the newest event of a subject that ran nothing, also after older decisions."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.runtime.core import subject_filter
from herald.deployment import switch
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from tests.events import body, cloud_event
from tests.unit.herald.investigate.installation import FILE, enqueue, now_ms, run, settled

SUBJECT = "customer/42"
CREATED = {"id": "old", "type": "customer.created", "source": "crm"}


def answer(*arguments: str) -> dict[str, Any]:
    """Return the answer of `herald why --json`."""
    return dict(json.loads(run("why", *arguments, "--json").stdout))


def keep(deployment: Deployment, **fields: str) -> None:
    """Put an event of the customer into the journal."""
    now = datetime.now(UTC)
    event = cloud_event(subject=SUBJECT, **fields)
    key = f"events/{now:%Y/%m/%d/%H/%Y%m%dT%H%M%S}-{fields['id']}.{subject_filter.make([SUBJECT])}.jsonl"
    line = body(event | {"time": now.isoformat()})
    deployment.client("s3").put_object(Bucket="journal", Key=key, Body=line.encode())


def test_the_newest_event_that_ran_nothing_is_explained_after_older_decisions(deployment: Deployment) -> None:
    """The near miss is shown, and the other functions are counted."""
    settled(deployment, SUBJECT, "greet", CREATED)
    keep(deployment, id="new", source="crm", type="customer.create")
    found = answer(SUBJECT)
    assert [each["event_id"] for each in found["decisions"]] == ["old"]
    assert (found["newest_event"]["type"], found["newest_event"]["id"]) == ("customer.create", "new")
    assert found["not_run"][0]["function"] == "greet"
    assert [each["near"] for each in found["not_run"]].count(True) == 1
    shown = run("why", SUBJECT).stdout
    assert "customer.create of " in shown
    assert " ran nothing\n" in shown
    assert (
        "greet: detail-type: 'customer.create' is not 'customer.created'; did you mean 'customer.created'?\n" in shown
    )
    assert "6 other functions do not match: --all shows why\n" in shown
    assert "book: source: 'crm' is not 'herald.total'\n" in run("why", SUBJECT, "--all").stdout


def test_a_decided_newest_event_has_run(deployment: Deployment) -> None:
    """Then only functions are named that it should have run, too."""
    settled(deployment, SUBJECT, "greet", CREATED | {"id": "new"})
    keep(deployment, id="new", source="crm", type="customer.created")
    found = answer(SUBJECT)
    assert "newest_event" not in found
    assert found["not_run"] == []


def test_a_newer_write_of_an_object_is_explained(deployment: Deployment) -> None:
    """A row is about the current object if its event is not older; a row without a time may be about it."""
    deployment.client("s3").put_object(Bucket="invoices", Key="in/7.json", Body=b"7")
    fields = {"id": "1", "type": "Object Created"}
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    settled(deployment, FILE, "total", fields | {"time": old})
    assert answer(FILE)["newest_event"]["type"] == "Object Created"
    settled(deployment, FILE, "total", fields | {"id": "2", "time": datetime.now(UTC).isoformat()})
    assert "newest_event" not in answer(FILE)


def test_the_version_of_an_object_tells_which_write_ran(deployment: Deployment) -> None:
    """In a bucket with versions, times do not matter."""
    s3 = deployment.client("s3")
    s3.put_bucket_versioning(Bucket="invoices", VersioningConfiguration={"Status": "Enabled"})
    versions = [s3.put_object(Bucket="invoices", Key="in/7.json", Body=b"7")["VersionId"] for _ in range(2)]
    fields = {"type": "Object Created", "time": datetime.now(UTC).isoformat()}
    settled(deployment, FILE, "total", fields | {"id": "1", "version": versions[0]})
    assert answer(FILE)["newest_event"]["type"] == "Object Created"
    settled(deployment, FILE, "total", fields | {"id": "2", "version": versions[1]})
    assert "newest_event" not in answer(FILE)


def test_last_selects_the_newest_events(deployment: Deployment) -> None:
    """All decisions about an event count as one; the others are counted."""
    for number, (function, event_id) in enumerate([("greet", "1"), ("greet", "2"), ("forget", "2"), ("greet", "3")]):
        settled(deployment, SUBJECT, function, CREATED | {"id": event_id}, first_at=now_ms() + number)
    assert [each["event_id"] for each in answer(SUBJECT)["decisions"]] == ["1", "2", "2", "3"]
    found = answer(SUBJECT, "--last", "2")
    assert [each["event_id"] for each in found["decisions"]] == ["2", "2", "3"]
    assert found["decisions_omitted"] == 1
    assert "1 older decision is not shown\n" in run("why", SUBJECT, "--last", "2").stdout


def test_a_pause_is_said_once(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the answer; --json has it also at the function."""
    monkeypatch.setattr(switch, "paused", lambda _deployment: ["greet"])
    keep(deployment, id="new", source="crm", type="customer.created")
    enqueue(deployment, "greet")
    assert answer(SUBJECT)["paused"] == ["greet"]
    assert answer(SUBJECT)["not_run"][0]["reason"].startswith("it is paused")
    assert run("why", SUBJECT).stdout.count("paused") == 1


def test_explain_of_a_subject_reads_its_newest_event(deployment: Deployment) -> None:
    """The journal has it; the names of buckets are those of the deployment."""
    keep(deployment, id="1", source="crm", type="customer.deleted")
    shown = run("explain", SUBJECT).stdout
    assert "customer.deleted from crm about customer/42\n" in shown
    assert "forget matches\n├── ✓ detail-type: 'customer.deleted'\n" in shown
    refused = run("explain", "customer/404")
    assert isinstance(refused.exception, CommandError)
    assert str(refused.exception).startswith("customer/404 is not a file, and the journal has no event of it since ")
    deployment.client("s3").put_object(Bucket="invoices", Key="in/7.json", Body=b"7")
    assert "total matches\n" in run("explain", FILE).stdout
