"""Events of other AWS services: alarms, API calls, compliance changes."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.envelopes.envelope import parse
from tests.events import alarm_changed, body
from tests.unit.runtime.envelopes.api_call import api_call


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
