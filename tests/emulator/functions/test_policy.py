"""Buckets that are really opened are closed again, and no others.

The local AWS makes no event of CloudTrail or AWS Config, and nobody may put one on a bus under a service's name: the
test puts them into the queue, if the deployed rule matches them. The queue, the function and S3's blocks are the
deployed ones. Whether a policy is public, the local AWS does not tell.
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
from tests.emulator.conftest import Aws

OUTSIDE: Final = "herald-prod-website"  # of another environment in this account
OPENED, BY_POLICY, EXCEPTED, CLOSED, REFUSED, AGAIN = (
    f"herald-dev-policy-{name}" for name in ("opened", "by-policy", "excepted", "closed", "refused", "again")
)
TAG: Final = {"Key": "herald:public-exception", "Value": "the public website"}
CALL: Final = "aws.s3/aws_api_call_via_cloudtrail.block_deleted"
UNTAGGED: Final = "aws.s3/aws_api_call_via_cloudtrail.untagged"
RULE: Final = "aws.config/config_rules_compliance_change.public_read"
numbers = itertools.count(1)


def event(bucket: str, name: str = CALL, **detail: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of CloudTrail
    """Return a sample's event about a bucket, as a call of its own."""
    text = json.dumps(loader.sample(name)).replace("herald-dev-website", bucket)
    made: dict[str, Any] = json.loads(text)
    made["detail"] |= {"eventID": f"call-{next(numbers)}"} | detail
    return made


def happen(aws: Aws, *events: dict[str, Any]) -> None:
    """Let the deployed rule judge events, and put those that it matches into the function's queue, as it would."""
    client = aws.deployment.client("events")
    pattern = client.describe_rule(Name="herald-dev-close_public_bucket-default")["EventPattern"]
    for each in events:
        if client.test_event_pattern(EventPattern=pattern, Event=json.dumps(each))["Result"]:
            aws.enqueue("close_public_bucket", json.dumps(each))


def blocks(aws: Aws, bucket: str) -> list[str]:
    """Return which of S3's blocks are on."""
    try:
        on = aws.deployment.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
            raise
        return []
    return [name for name in BLOCKS if on[name]]


@pytest.fixture
def buckets(aws: Aws) -> Iterator[None]:
    """Make buckets, all but one without any block and readable by everyone, and delete them afterwards."""
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
def test_ten_events_close_what_was_opened_and_nothing_else(aws: Aws) -> None:
    """Repeated, refused, malformed, out of scope, excepted, told again by AWS Config: two buckets are closed, once."""
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
    letter, why = aws.letter("close_public_bucket")
    assert json.loads(letter)["detail"] == nameless["detail"]
    assert why["reason"].startswith("the subject is 'aws.s3#")
    assert History(aws.deployment).decisions(f"s3://{REFUSED}") == []


@pytest.mark.usefixtures("buckets")
def test_a_closed_bucket_cannot_be_opened_by_its_acl(aws: Aws) -> None:
    """What the function put there is S3's own block: the next attempt to open the bucket is refused by S3."""
    happen(aws, event(AGAIN))
    (decision,) = aws.decisions(f"s3://{AGAIN}")
    assert decision["who"]["requester"] == "arn:aws:sts::111122223333:assumed-role/website/deploy"
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.deployment.client("s3").put_bucket_acl(Bucket=AGAIN, ACL="public-read")
