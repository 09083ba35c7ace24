"""What becomes an event, and what is refused with which words."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.lineage import Cause
from functions.runtime.envelopes.envelope import parse
from tests.events import alarm_changed, body, cloud_event, object_created


def test_s3_event_is_known_by_its_object() -> None:
    """The subject is the object's URI; version, size, requester and address come along."""
    event = parse(body(object_created("reports/ü é'\"\n/../x.xml", size=771)))
    assert event.subject == "s3://outputs-bucket/reports/ü é'\"\n/../x.xml"
    assert event.object is not None
    assert (event.object.size, event.requester, event.source_ip) == (771, "111122223333", "192.0.2.44")
    assert event.lineage.correlation_id == event.id


def test_s3_notification_sent_again_is_the_same_event() -> None:
    """S3 gives a repeated notification a fresh EventBridge id; the version tells that it is the same write."""
    first = object_created()
    again = first | {"id": "another"}
    assert parse(body(first)).id == parse(body(again)).id


@pytest.mark.parametrize("other", [{"version-id": "v-other"}, {"key": "reports/b.xml"}])
def test_s3_events_of_different_writes_differ(other: dict[str, str]) -> None:
    """Another version or another key is another event."""
    first = object_created(version="v-one")
    second = json.loads(body(first))
    second["detail"]["object"] |= other
    assert parse(body(first)).id != parse(body(second)).id


def test_s3_event_without_a_version_is_known_by_its_sequencer() -> None:
    """Unversioned buckets send no version-id; then the sequencer tells two writes apart."""
    one, two = (parse(body(object_created(version=None))) for _ in range(2))
    again = object_created(version=None, sequencer="0A")
    assert parse(body(again)).id == parse(body(again | {"id": "sent again"})).id
    assert one.object is not None
    assert one.object.version_id is None
    assert one.id != two.id


def test_s3_event_that_can_repeat_for_one_version_is_known_by_its_eventbridge_id() -> None:
    """Tags may be added to one version twice: two events, although bucket, key and version are the same."""
    first = object_created(version="v-one") | {"detail-type": "Object Tags Added"}
    assert parse(body(first)).id != parse(body(first | {"id": "another"})).id


def test_cloud_event_carries_its_lineage() -> None:
    """Correlation, cause, depth and sequence are read from the extension attributes."""
    event = parse(
        body(
            cloud_event(
                correlationid="c",
                causationid="i",
                causationsubject="s3://b/k",
                causationfunction="f",
                depth=3,
                sequence="7",
                data={"name": "Ada"},
            )
        )
    )
    assert (event.subject, event.type, event.sequence, event.data) == (
        "customer/42",
        "customer.created",
        "7",
        {"name": "Ada"},
    )
    assert event.lineage.cause == Cause(subject="s3://b/k", function="f", event_id="i")
    assert (event.lineage.correlation_id, event.lineage.depth) == ("c", 3)


@pytest.mark.parametrize("subject", [None, ""])
def test_cloud_event_without_subject_is_known_by_source_and_id(subject: str | None) -> None:
    """Every event has a subject to ask for; an empty one is none."""
    event = parse(body(cloud_event(id="9", subject=subject)))
    assert event.subject == "shop#9"


@pytest.mark.parametrize(
    ("resources", "subject"),
    [
        (["arn:aws:cloudwatch:alarm", "arn:other"], "arn:aws:cloudwatch:alarm"),
        ([], "aws.cloudwatch#1"),
        (None, "aws.cloudwatch#1"),
        ("arn", "aws.cloudwatch#1"),
        ([""], "aws.cloudwatch#1"),
        (["", "arn:other"], "arn:other"),
        ([None], "aws.cloudwatch#1"),
        ([{}], "aws.cloudwatch#1"),
        ([7], "aws.cloudwatch#1"),
    ],
)
def test_any_other_event_is_known_by_its_first_resource(resources: object, subject: str) -> None:
    """An alarm is about its ARN; an event that names no resource, which is a text, is about itself."""
    event = alarm_changed("ALARM", None) | {"id": "1", "resources": resources}
    assert parse(body(event)).subject == subject


def alarm(timestamp: object) -> str:
    """Return the event of an alarm that went off at a time."""
    return body(alarm_changed("ALARM", timestamp))


@pytest.mark.parametrize(
    ("timestamp", "sequence"),
    [
        ("2026-11-12T09:04:40.989+0000", "2026-11-12T09:04:40.989000+00:00"),
        ("2026-11-12T09:04:40Z", "2026-11-12T09:04:40.000000+00:00"),
        ("2026-11-12T10:04:40.5+01:00", "2026-11-12T09:04:40.500000+00:00"),
    ],
)
def test_an_alarm_is_ordered_by_when_its_state_changed(timestamp: str, sequence: str) -> None:
    """The sequence is that time in UTC, whatever offset and precision it was told with."""
    assert parse(alarm(timestamp)).sort_key == sequence


@given(st.lists(st.tuples(st.integers(0, 4 * 10**15), st.integers(-14 * 60, 14 * 60)), min_size=2))
def test_the_order_of_alarms_as_text_is_that_of_time(moments: list[tuple[int, int]]) -> None:
    """Whatever their offsets (in minutes), moments (in µs since 1970) that are sorted by sequence are in order."""

    def rank(moment: tuple[int, int]) -> str:
        when = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=moment[0])
        told = when.astimezone(timezone(timedelta(minutes=moment[1]))).isoformat()
        return parse(alarm(told)).sort_key or ""

    ranked = [microseconds for microseconds, _ in sorted(moments, key=rank)]
    assert ranked == sorted(ranked)


def test_other_events_of_cloudwatch_and_alarms_without_a_time_have_no_sequence() -> None:
    """Nothing orders them: an ordered function refuses them, any other takes them."""
    changed = alarm_changed("ALARM", "2026-11-12T09:04:40.989+0000")
    other = changed | {"detail-type": "CloudWatch Alarm Configuration Change"}
    assert parse(body(changed)).sequence
    assert parse(body(other)).sequence is None
    assert parse(alarm(None)).sequence is None


@pytest.mark.parametrize(
    "timestamp", ["yesterday", "2026-11-12", "2026-11-12T09:04:40.989", "0001-01-01T00:00:00+14:00"]
)
def test_an_alarm_whose_time_cannot_be_read_is_refused(timestamp: str) -> None:
    """Without its offset from UTC a time orders nothing."""
    with pytest.raises(EnvelopeError, match=r"detail\.state\.timestamp is not an ISO 8601 time with its offset"):
        parse(alarm(timestamp))


def api_call(source: str = "aws.s3", **detail: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of CloudTrail
    """Return a call as CloudTrail tells it on the default bus."""
    return {
        "id": "fresh",
        "detail-type": "AWS API Call via CloudTrail",
        "source": source,
        "account": "111122223333",
        "time": "2026-11-12T00:00:09Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {
            "eventID": "e-1",
            "eventTime": "2026-11-12T00:00:00Z",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/operator"},
            "sourceIPAddress": "192.0.2.44",
        }
        | detail,
    }


@pytest.mark.parametrize(
    ("source", "detail", "subject"),
    [
        ("aws.s3", {"requestParameters": {"bucketName": "site"}}, "s3://site"),
        ("aws.s3", {"requestParameters": {"bucketName": "site", "key": "a/b"}}, "s3://site/a/b"),
        ("aws.s3", {"requestParameters": {"resourceArn": "arn:aws-cn:s3:::site"}}, "s3://site"),
        ("aws.s3", {"requestParameters": {"resourceArn": "arn%3Aaws%3As3%3A%3A%3Asite"}}, "s3://site"),
        ("aws.s3", {"requestParameters": {"resourceArn": "arn:aws:s3:::site/a"}}, "arn:aws:s3:::site/a"),
        ("aws.s3", {"requestParameters": {}, "resources": [{"ARN": "arn:aws:s3:::site"}]}, "s3://site"),
        ("aws.s3", {"requestParameters": None}, "aws.s3#e-1"),
        ("aws.s3", {"requestParameters": {"key": "a"}}, "aws.s3#e-1"),
        (
            "aws.kms",
            {"resources": [{"ARN": "arn:aws:kms:::key/1"}, {"ARN": "arn:aws:kms:::key/2"}]},
            "arn:aws:kms:::key/1",
        ),
        ("aws.kms", {"resources": []}, "aws.kms#e-1"),
        ("aws.kms", {"resources": ["arn"]}, "aws.kms#e-1"),
        ("aws.kms", {"requestParameters": {"bucketName": "site"}}, "aws.kms#e-1"),
    ],
)
def test_a_call_is_about_what_it_was_made_on(source: str, detail: dict[str, Any], subject: str) -> None:
    """A bucket or object is named as in S3's own events; EventBridge names no resource of such events."""
    assert parse(body(api_call(source, **detail))).subject == subject


def test_a_call_is_known_by_its_own_id() -> None:
    """EventBridge gives every delivery of it a fresh one; when and who are the call's too."""
    event = parse(body(api_call()))
    assert event.id == parse(body(api_call() | {"id": "fresher"})).id == "e-1"
    assert event.time == "2026-11-12T00:00:00Z"
    assert (event.requester, event.source_ip) == ("arn:aws:iam::111122223333:user/operator", "192.0.2.44")


@pytest.mark.parametrize(
    ("identity", "requester"),
    [({"invokedBy": "cloudformation.amazonaws.com"}, "cloudformation.amazonaws.com"), ({}, "111122223333")],
)
def test_a_caller_without_an_arn_is_the_service_or_the_account(identity: dict[str, str], requester: str) -> None:
    """Who is never empty where the envelope tells."""
    assert parse(body(api_call(userIdentity=identity))).requester == requester


@pytest.mark.parametrize(
    ("kind", "subject"), [("AWS::S3::Bucket", "s3://site"), ("AWS::IAM::User", "AWS::IAM::User/site")]
)
def test_a_compliance_change_is_about_its_resource(kind: str, subject: str) -> None:
    """A bucket has one name, whoever tells of it."""
    detail = {"resourceId": "site", "resourceType": kind, "configRuleName": "r"}
    event = api_call("aws.config") | {"detail-type": "Config Rules Compliance Change", "detail": detail}
    assert parse(body(event)).subject == subject


def _without(path: str, event: dict[str, Any]) -> str:
    *parents, last = path.split(".")
    table = event
    for name in parents:
        table = table[name]
    del table[last]
    return body(event)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "the body is not JSON"),
        ("<xml/>", "the body is not JSON"),
        ("[" * 100_000, "the body is not JSON"),
        (r'{"a": "\ud800"}', "the body is not JSON"),
        ("[]", "the body is a JSON list, not an EventBridge event"),
        ("{}", "detail is missing"),
        ('{"detail": 1, "source": "x"}', "detail is int, not dict"),
        ('{"detail": {}}', "source is missing"),
        ('{"detail": {}, "source": "x"}', "id is missing"),
        (_without("detail.object.key", object_created()), "detail.object.key is missing"),
        (_without("detail.bucket", object_created()), "detail.bucket.name is missing"),
        (body(object_created("")), "detail.object.key is empty"),
        (body(object_created(size="10")), "detail.object.size is str, not int"),
        (body(object_created(size=-1)), "detail.object.size is -1, below 0"),
        (body(cloud_event(specversion="0.3")), "detail.specversion is not '1.0'"),
        (body(cloud_event() | {"source": "crm"}), "detail.source is 'shop', but source of the envelope is 'crm'"),
        (
            body(cloud_event() | {"detail-type": "a.b"}),
            "detail.type is 'customer.created', but detail-type of the envelope is 'a.b'",
        ),
        (_without("detail.eventID", api_call()), "detail.eventID is missing"),
        (body(api_call(requestParameters={"bucketName": 7})), "detail.requestParameters.bucketName is int, not str"),
        (body(cloud_event(data="text")), "detail.data is str, not dict"),
        (body(cloud_event(subject=7)), "detail.subject is int, not str"),
        (body(cloud_event(subject="x" * 2_049)), "detail.subject has 2,049 bytes, more than 2,048"),
        (body(cloud_event(subject=None, id="x" * 2_047)), "the subject has 2,052 bytes, more than 2,048"),
        (body(cloud_event(correlationid="x" * 300_000)), "detail.correlationid has 300,000 bytes, more than 2,048"),
    ],
)
def test_what_is_no_event_is_refused_with_what_and_where(message: str, reason: str) -> None:
    """Each fault has a sentence that names the field."""
    with pytest.raises(EnvelopeError, match=reason.replace("(", r"\(")):
        parse(message)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    damage=json_values,
    path=st.sampled_from(["source", "detail", "id", "time", "detail.object", "detail.object.size", "resources"]),
)
def test_damaged_events_are_parsed_or_refused_never_worse(damage: object, path: str) -> None:
    """Whatever stands in a field, parsing ends in an event or in an EnvelopeError."""
    event = object_created()
    *parents, last = path.split(".")
    table: Any = event
    for name in parents:
        table = table[name]
    table[last] = damage
    try:
        assert parse(body(event)).subject
    except EnvelopeError as error:
        assert str(error)  # noqa: PT017 - either outcome is right, and a refusal has words
