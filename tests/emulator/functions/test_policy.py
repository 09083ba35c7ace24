"""Public access to buckets of the environment is blocked, and other buckets are unchanged.

The local AWS sends no events of CloudTrail or AWS Config, and events from `aws.*` cannot be put on a bus. So the tests
put each event that the deployed rule matches into the function's queue. The local AWS does not evaluate whether a
bucket policy is public.
"""

import itertools
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from functions.runtime.run.bucket_guard import BLOCKS
from herald.investigate.history import History
from infra.declarations import loader
from tests.emulator.support.deployed import Aws

OUTSIDE: Final = "herald-prod-website"  # a bucket of another environment in this account
OPENED, BY_POLICY, EXCEPTED, CLOSED, REFUSED, AGAIN = (
    f"herald-dev-policy-{name}" for name in ("opened", "by-policy", "excepted", "closed", "refused", "again")
)
TAG: Final = {"Key": "herald:public-exception", "Value": "the public website"}
CALL: Final = "aws.s3/aws_api_call_via_cloudtrail.block_deleted"
UNTAGGED: Final = "aws.s3/aws_api_call_via_cloudtrail.untagged"
RULE: Final = "aws.config/config_rules_compliance_change.public_read"
numbers = itertools.count(1)


def event(bucket: str, name: str = CALL, **detail: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of CloudTrail
    """Return the event of a sample with another bucket and a unique event id."""
    text = json.dumps(loader.sample(name)).replace("herald-dev-website", bucket)
    made: dict[str, Any] = json.loads(text)
    made["detail"] |= {"eventID": f"call-{next(numbers)}"} | detail
    return made


def happen(aws: Aws, *events: dict[str, Any]) -> None:
    """Put the events that the deployed rule matches into the function's queue."""
    client = aws.deployment.client("events")
    pattern = client.describe_rule(Name="herald-dev-close_public_bucket-default")["EventPattern"]
    for each in events:
        if client.test_event_pattern(EventPattern=pattern, Event=json.dumps(each))["Result"]:
            aws.enqueue("close_public_bucket", json.dumps(each))


def blocks(aws: Aws, bucket: str) -> list[str]:
    """Return the settings of S3 Block Public Access that are on."""
    try:
        on = aws.deployment.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
            raise
        return []
    return [name for name in BLOCKS if on[name]]


@pytest.fixture
def buckets(aws: Aws) -> Iterator[None]:
    """Create public buckets, one of them with Block Public Access, and delete them afterwards."""
    s3 = aws.deployment.client("s3")
    names = (OPENED, BY_POLICY, EXCEPTED, CLOSED, REFUSED, AGAIN, OUTSIDE)
    for name in names:
        s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
        s3.delete_public_access_block(Bucket=name)
        s3.put_bucket_acl(Bucket=name, ACL="public-read")
    s3.put_public_access_block(Bucket=CLOSED, PublicAccessBlockConfiguration=dict.fromkeys(BLOCKS, True))
    s3.put_bucket_tagging(Bucket=EXCEPTED, Tagging={"TagSet": [TAG]})
    yield
    for name in names:
        s3.delete_bucket(Bucket=name)


@pytest.mark.usefixtures("buckets")
def test_ten_events_block_public_access_of_two_buckets(aws: Aws) -> None:
    """Duplicates, denied calls, invalid events, excepted buckets and other environments change nothing."""
    opening = event(OPENED)
    nameless = event(OPENED, requestParameters=None, resources=[])
    happen(
        aws,
        opening,
        opening,
        event(BY_POLICY, eventName="PutBucketPolicy"),
        event(EXCEPTED, UNTAGGED),
        event(OUTSIDE),
        event(REFUSED, errorCode="AccessDenied"),
        nameless,
    )
    for bucket in (OPENED, BY_POLICY, EXCEPTED, OUTSIDE):
        aws.decisions(f"s3://{bucket}")
    happen(aws, event(OPENED, eventName="PutBucketAcl"), event(BY_POLICY, RULE), event(CLOSED))
    (closed,) = aws.decisions(f"s3://{CLOSED}")
    effects = {
        bucket: [each["effects"] for each in aws.decisions(f"s3://{bucket}", runs=2)] for bucket in (OPENED, BY_POLICY)
    }

    everything = list(BLOCKS)
    assert [blocks(aws, name) for name in (OPENED, BY_POLICY, CLOSED)] == [everything] * 3
    assert [blocks(aws, name) for name in (EXCEPTED, OUTSIDE, REFUSED)] == [[]] * 3
    for first, second in effects.values():
        assert [effect["type"] for effect in first] == ["policy.remediated"]
        assert second == []
    assert closed["effects"] == []
    message, why = aws.dead_letter("close_public_bucket")
    assert json.loads(message)["detail"] == nameless["detail"]
    assert why["reason"].startswith("the subject is 'aws.s3#")
    assert History(aws.deployment).decisions(f"s3://{REFUSED}") == []


@pytest.mark.usefixtures("buckets")
def test_a_blocked_bucket_rejects_a_public_acl(aws: Aws) -> None:
    """The function sets S3 Block Public Access, so S3 denies the next public ACL."""
    happen(aws, event(AGAIN))
    (decision,) = aws.decisions(f"s3://{AGAIN}")
    assert decision["who"]["requester"] == "arn:aws:sts::111122223333:assumed-role/website/deploy"
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.deployment.client("s3").put_bucket_acl(Bucket=AGAIN, ACL="public-read")
