"""The journal keeps every event; a message that it cannot keep does not affect the others."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest

from functions.runtime import journal
from functions.runtime.core import aws
from functions.runtime.envelopes.envelope import parse
from herald.deployment.deployment import Deployment
from herald.investigate import journal as reader
from tests.events import body, cloud_event, object_created
from tests.unit.runtime.conftest import World

HALF: Final = '{"id":"half","time":"2026-11-12T00:00:02Z","source":"s","detail":{"text":"ü \\ud800"}}'
START: Final = datetime(2026, 11, 12, tzinfo=UTC)


@pytest.fixture
def bucket(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the journal's bucket, empty."""
    assert world
    monkeypatch.setenv("HERALD_BUCKET_JOURNAL", "outputs-bucket")
    return "outputs-bucket"


def keep(*bodies: str, batch: str = "m") -> list[str]:
    """Deliver bodies as one batch; return the ids of the messages that stay in the queue."""
    context: Any = None
    records = [{"messageId": f"{batch}{place}", "body": each} for place, each in enumerate(bodies)]
    return [str(each["itemIdentifier"]) for each in journal.keep({"Records": records}, context)["batchItemFailures"]]


def kept(bucket: str) -> list[Any]:
    """Return the events of all objects."""
    keys = [each["Key"] for each in aws.s3().list_objects_v2(Bucket=bucket).get("Contents", [])]
    contents = [aws.s3().get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys]
    return [json.loads(line) for content in contents for line in content.split("\n") if line]


def test_half_a_surrogate_pair_stays_escaped(bucket: str) -> None:
    """UTF-8 cannot encode it: the line has the escape sequence, and parses to the same event."""
    whole = body(cloud_event(data={"text": "ü\u2028\n😀"}))
    assert keep(whole, HALF) == []
    assert kept(bucket) == [json.loads(whole), json.loads(HALF)]


def test_events_beside_half_a_surrogate_pair_are_read(bucket: str) -> None:
    """They are found; a message says that no function can read the event with the half pair."""
    keep(HALF, body(cloud_event(id="whole")))
    session: Any = None
    deployment = Deployment(session, "dev", _clients={"s3": aws.s3()})
    deployment.__dict__["outputs"] = {"BucketJournal": bucket}
    messages: list[str] = []
    found = reader.read(deployment, START, START + timedelta(hours=1), progress=messages.append)
    assert [entry.event.id for entry in found] == ["whole"]
    (sentence,) = messages
    assert sentence.startswith(
        "2026-11-12T00:00:02Z  None  half: no function can read it: the body is not JSON: 'utf-8'"
    )
    assert [entry.event.id for entry in reader.read(deployment, START, START + timedelta(hours=1))] == ["whole"]


@pytest.mark.parametrize(
    "damaged",
    [
        "not an event",
        "[]",
        "{}",
        '{"time": 7}',
        '{"time": "\\ud800"}',
        '{"time": "0001-01-01T00:00:00+14:00"}',
        pytest.param('{"time": "2026-11-12T00:00:02Z", "detail": ' + "[" * 100_000 + "]" * 100_000 + "}", id="deep"),
    ],
)
def test_a_message_that_cannot_be_kept_stays_in_the_queue(bucket: str, damaged: str) -> None:
    """The other event of the batch is kept."""
    whole = body(cloud_event())
    assert keep(damaged, whole) == ["m0"]
    assert kept(bucket) == [json.loads(whole)]


@pytest.fixture
def deployment(bucket: str) -> Deployment:
    """Return a deployment with that bucket as its journal."""
    session: Any = None
    made = Deployment(session, "dev", _clients={"s3": aws.s3()})
    made.__dict__["outputs"] = {"BucketJournal": bucket}
    return made


@pytest.fixture
def gets(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which the key of each object that is read is added."""
    found: list[str] = []
    real: Any = aws.s3().get_object

    def get(**call: str) -> Any:  # noqa: ANN401 - S3's answer
        found.append(call["Key"])
        return real(**call)

    monkeypatch.setattr(aws.s3(), "get_object", get)
    return found


def about(subject: str, number: int = 0, **fields: Any) -> str:  # noqa: ANN401 - a CloudEvent's
    """Return the body of an event about a subject."""
    return body(cloud_event(id=f"{subject}-{number}", subject=subject, **fields))


def newest(deployment: Deployment, subject: str, **more: str) -> str | None:
    """Return the id of the newest event of a subject."""
    found = reader.newest(deployment, reader.listed(deployment, START, START), subject, **more)
    return found.event.id if found else None


def test_a_subject_is_found_by_the_keys_of_objects(deployment: Deployment, gets: list[str]) -> None:
    """Only the object with the subject is read, and at most a few others by false positives."""
    for number in range(30):
        assert keep(*(about(f"customer/{number}-{each}") for each in range(10)), batch=f"{number}-") == []
    assert newest(deployment, "customer/7-3") == "customer/7-3-0"
    known = len(gets)
    assert newest(deployment, "customer/404") is None
    assert known <= 3
    assert len(gets) - known <= 3
    gets.clear()
    found = reader.read(deployment, START, START + timedelta(hours=1), "customer/7-3")
    assert [entry.event.id for entry in found] == ["customer/7-3-0"]
    assert len(gets) <= 3


def test_a_large_batch_is_kept_in_several_objects(bucket: str, deployment: Deployment) -> None:
    """An object has 120 events; every subject is found, and the same batch overwrites its objects."""
    bodies = [about(f"customer/{number}") for number in range(300)]
    for _ in range(2):
        assert keep(*bodies) == []
    keys = [each["Key"] for each in aws.s3().list_objects_v2(Bucket=bucket)["Contents"]]
    assert len(keys) == 3
    assert max(len(key.rpartition("/")[2]) for key in keys) <= 240
    assert all(newest(deployment, f"customer/{number}") for number in range(0, 300, 20))


def test_objects_without_a_filter_are_read(bucket: str, deployment: Deployment) -> None:
    """Earlier versions wrote such objects; events in them are found."""
    keep(about("customer/1"))
    (key,) = [each["Key"] for each in aws.s3().list_objects_v2(Bucket=bucket)["Contents"]]
    content = aws.s3().get_object(Bucket=bucket, Key=key)["Body"].read()
    aws.s3().delete_object(Bucket=bucket, Key=key)
    aws.s3().put_object(Bucket=bucket, Key=f"{key.partition('.')[0]}.jsonl", Body=content)
    assert newest(deployment, "customer/1") == "customer/1-0"
    assert newest(deployment, "customer/2") is None


def test_an_unreadable_event_is_kept_in_its_own_object(deployment: Deployment, gets: list[str]) -> None:
    """Its object has no filter and is always read; the object of the other events has one."""
    keep(HALF, *(about(f"customer/{number}") for number in range(10)))
    assert newest(deployment, "customer/404") is None
    assert [key.count(".") for key in gets] == [1]


def test_the_newest_event_of_a_subject_is_read_from_the_newest_objects(deployment: Deployment, gets: list[str]) -> None:
    """An event is also found by its id, in the objects of its hours."""
    for number in range(20):
        keep(about("customer/1", number), batch=f"{number}-")
    assert newest(deployment, "customer/1") is not None
    assert len(gets) <= 8, "the first that are read together"
    assert newest(deployment, "customer/1", event_id="customer/1-4") == "customer/1-4"
    assert newest(deployment, "customer/1", event_id="customer/1-99") is None
    before = START - timedelta(hours=2)
    assert reader.listed(deployment, before, before) == []


@pytest.mark.parametrize("last", [timedelta(minutes=5), timedelta(hours=2), timedelta(hours=3, minutes=59)])
def test_all_objects_of_the_hours_are_listed_in_the_order_of_time(deployment: Deployment, last: timedelta) -> None:
    """Of few hours and of many; those of the hours before and after are not, and a time zone changes nothing."""
    begin = START + timedelta(hours=7, minutes=55)
    for minutes in range(-60, 360, 7):
        when = begin + timedelta(minutes=minutes)
        keep(body(cloud_event(id=str(minutes)) | {"time": when.isoformat()}), batch=f"{minutes}-")
    found = reader.listed(deployment, begin, begin + last)
    everything = reader.listed(deployment, START - timedelta(days=1), START + timedelta(days=1))
    assert (everything, len(everything)) == (sorted(everything), 60)
    hours = {f"events/2026/11/12/{hour:02}/" for hour in range(begin.hour, (begin + last).hour + 1)}
    assert found == [key for key in everything if key[: len("events/2026/11/12/07/")] in hours]
    zone = timezone(timedelta(hours=5, minutes=30))
    assert reader.listed(deployment, begin.astimezone(zone), (begin + last).astimezone(zone)) == found


@pytest.mark.parametrize("subject", ["a/é", 'a/"b"', "a/", "a#b/c#d", "a\\b", "100%", "a/b\nc", "#"])
def test_a_subject_of_any_characters_is_found(deployment: Deployment, subject: str) -> None:
    """Also where its line has it escaped, among events of other subjects."""
    keep(about("customer/1"), about(subject), about("customer/2"))
    assert newest(deployment, subject) == f"{subject}-0"


def test_a_bucket_that_a_call_names_by_an_escaped_arn_is_found(deployment: Deployment) -> None:
    """The line has no text of the subject then."""
    detail = {
        "eventID": "e",
        "eventTime": "2026-11-12T00:00:02Z",
        "requestParameters": {"resourceArn": "arn%3Aaws%3As3%3A%3A%3Aa%2Db"},
    }
    call = {"detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "id": "1", "time": detail["eventTime"]}
    keep(body(call | {"detail": detail}))
    assert newest(deployment, "s3://a-b") == "e"


@pytest.mark.parametrize(
    ("envelope", "subject"),
    [
        (object_created("reports/a b.xml"), "s3://outputs-bucket/reports/a b.xml"),
        (cloud_event(id="1", subject="customer/42"), "customer/42"),
        (cloud_event(id="1", subject=None), "shop#1"),
    ],
)
def test_readers_and_the_journal_derive_the_same_subject(
    deployment: Deployment, envelope: dict[str, Any], subject: str
) -> None:
    """Each kind of envelope has the subject in different fields."""
    keep(body(envelope))
    event = parse(body(envelope))
    assert event.subject == subject
    when = datetime.fromisoformat(envelope["time"])
    found = reader.newest(deployment, reader.listed(deployment, when, when), subject)
    assert found
    assert found.event == event
