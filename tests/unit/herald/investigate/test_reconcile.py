"""`herald reconcile` compares the journal and the current objects with the ledger."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

import pytest

from functions.runtime.envelopes.envelope import parse
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.investigate import journal, reconcile
from herald.investigate.journal import Entry
from herald.investigate.reconcile import Reconciliation
from infra.declarations.spec import Trigger
from tests.events import BUCKET, body, cloud_event, object_created
from tests.stage import Stage, install
from tests.unit.herald.dead_letters.renamed import SPEC, deployed

WANTED: Final[dict[str, Any]] = {
    "source": ["aws.s3"],
    "detail": {"bucket": {"name": [BUCKET]}, "object": {"key": [{"suffix": ".xml"}]}},
}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return the runtime of the function under its first name; the ledger keeps rows for 42 days."""
    monkeypatch.setattr(functions, "ledger_retention", lambda *_: timedelta(days=42))
    return install(Stage(lambda _event, _run: None), monkeypatch, FUNCTION="first")


def renamed(stage: Stage) -> Deployment:
    """Return a deployment of the renamed function with the ledger of the runtime."""
    deployment = deployed(stage)
    deployment.__dict__["all_queues"] = {"new": {"queue": "queue", "dead_letters": "dead"}}
    return deployment


def compared(deployment: Deployment) -> Reconciliation:
    """Compare the events of the last hour."""
    work = Reconciliation(deployment, "new", timedelta(hours=1))
    work.run(datetime.now(UTC) - timedelta(hours=1), lambda _: None)
    return work


@pytest.mark.parametrize("order", ["none", "newest"])
def test_runs_before_a_rename_count_as_processed(order: str, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows keep the first name of the function; an event without a row is missing."""
    install(stage, monkeypatch, FUNCTION="first", ORDER=order)
    events = [cloud_event(id=f"e{number}", sequence=f"{number}") for number in (1, 2)]
    stage.send(body(events[0]))
    stage.deliver()
    entries = [Entry(envelope=each, event=parse(json.dumps(each))) for each in events]
    monkeypatch.setattr(journal, "read", lambda *_: iter(entries))
    work = compared(renamed(stage))
    assert work.counts == {"processed": 1, "missing": 1}
    assert [finding.event.id for finding in work.findings] == ["e2"]


class Bucket:
    """S3 without versions, with one object that an event describes."""

    def __init__(self, detail: dict[str, Any], age: timedelta) -> None:
        """Keep the object and its age."""
        self.object = detail["object"]
        self.written = datetime.now(UTC) - age

    def get_paginator(self, _listing: str) -> "Bucket":
        """Return itself."""
        return self

    def paginate(self, **_call: str) -> list[dict[str, Any]]:
        """List the object, and one that no pattern matches."""
        found = {"LastModified": self.written, "Size": self.object["size"]}
        return [{"Contents": [found | {"Key": self.object["key"]}, found | {"Key": "unmatched"}]}]

    def head_object(self, **_call: str) -> dict[str, Any]:
        """Describe the object."""
        return {"ContentLength": self.object["size"], "ETag": self.object["etag"], "LastModified": self.written}


@pytest.mark.parametrize(
    ("age", "processed", "missing", "forgotten"),
    [(timedelta(days=41), True, 0, 0), (timedelta(days=41), False, 1, 0), (timedelta(days=43), False, 0, 1)],
)
def test_objects_without_an_event_are_missing_unless_they_are_older_than_the_ledger_s_rows(
    age: timedelta, *, processed: bool, missing: int, forgotten: int, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row with the same content shows that an object was processed; older objects have no row any more."""
    written = object_created(version=None)
    if processed:
        stage.send(body(written))
        stage.deliver()
    deployment = renamed(stage)
    deployment._clients["s3"] = Bucket(written["detail"], age)  # noqa: SLF001 - `deployed` sets the other clients
    deployment.__dict__["specs"]["new"] = replace(SPEC, trigger=Trigger(samples=("s",), pattern=WANTED))
    deployment.__dict__["session"] = SimpleNamespace(region_name="eu-west-1")
    monkeypatch.setattr(journal, "read", lambda *_: iter(()))
    monkeypatch.setattr(reconcile, "History", lambda _deployment: SimpleNamespace(rows=lambda _subject: stage.rows()))
    work = compared(deployment)
    assert (len(work.findings), work.counts["missing"], work.forgotten) == (missing, missing, forgotten)
