"""The journal keeps whatever event it is given, and one that it cannot keep costs no other its place."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from functions.runtime import aws, journal
from herald import journal as reader
from herald.deployment import Deployment
from tests.events import body, cloud_event
from tests.unit.runtime.conftest import World

HALF: Final = '{"id":"half","time":"2026-11-12T00:00:02Z","source":"s","detail":{"text":"ü \\ud800"}}'
START: Final = datetime(2026, 11, 12, tzinfo=UTC)


@pytest.fixture
def bucket(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the journal's bucket, empty."""
    assert world
    monkeypatch.setenv("HERALD_BUCKET_JOURNAL", "outputs-bucket")
    return "outputs-bucket"


def keep(*bodies: str) -> list[str]:
    """Hand bodies over as one batch; return the ids of those that stay in the queue, m0 and on."""
    context: Any = None
    records = [{"messageId": f"m{place}", "body": each} for place, each in enumerate(bodies)]
    return [str(each["itemIdentifier"]) for each in journal.keep({"Records": records}, context)["batchItemFailures"]]


def kept(bucket: str) -> list[Any]:
    """Return the events of all objects."""
    keys = [each["Key"] for each in aws.s3().list_objects_v2(Bucket=bucket).get("Contents", [])]
    contents = [aws.s3().get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys]
    return [json.loads(line) for content in contents for line in content.split("\n") if line]


def test_half_a_surrogate_pair_is_kept_as_its_escape(bucket: str) -> None:
    """UTF-8 has no bytes for it: the line has the escape, and reading gives the same event; others keep their text."""
    whole = body(cloud_event(data={"text": "ü\u2028\n😀"}))
    assert keep(whole, HALF) == []
    assert kept(bucket) == [json.loads(whole), json.loads(HALF)]


def test_beside_half_a_surrogate_pair_the_journal_is_read(bucket: str) -> None:
    """Its neighbours are found; no function could have run on it, which is told."""
    keep(HALF, body(cloud_event(id="whole")))
    session: Any = None
    deployment = Deployment(session, "dev", _clients={"s3": aws.s3()})
    deployment.__dict__["outputs"] = {"BucketJournal": bucket}
    told: list[str] = []
    found = reader.read(deployment, START, START + timedelta(hours=1), tell=told.append)
    assert [entry.event.id for entry in found] == ["whole"]
    (sentence,) = told
    assert sentence.startswith(
        "2026-11-12T00:00:02Z  None  half: no function can read it: the body is not JSON: 'utf-8'"
    )
    assert [entry.event.id for entry in reader.read(deployment, START, START + timedelta(hours=1))] == ["whole"]


@pytest.mark.parametrize(
    "damaged",
    [
        "no event",
        "[]",
        "{}",
        '{"time": 7}',
        '{"time": "\\ud800"}',
        '{"time": "0001-01-01T00:00:00+14:00"}',
        pytest.param('{"time": "2026-11-12T00:00:02Z", "detail": ' + "[" * 100_000 + "]" * 100_000 + "}", id="deep"),
    ],
)
def test_what_cannot_be_kept_stays_in_the_queue_alone(bucket: str, damaged: str) -> None:
    """Whatever is wrong with it, its neighbour is kept."""
    whole = body(cloud_event())
    assert keep(damaged, whole) == ["m0"]
    assert kept(bucket) == [json.loads(whole)]
