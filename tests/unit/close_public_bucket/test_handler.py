"""The function in its runtime: what it asks of S3, what it changes there, and what a repeat of it tells."""

import pytest
from botocore.exceptions import ClientError

from functions.close_public_bucket.model import EXCEPTION
from functions.runtime.run.bucket_guard import BLOCKS
from tests.stage import Stage
from tests.unit.close_public_bucket.buckets import Buckets
from tests.unit.close_public_bucket.calls import BUCKET, called


def test_an_open_bucket_is_closed_and_told_of(stage: Stage, s3: Buckets) -> None:
    """All four blocks are on; the event says how it was found, and by whom it was opened."""
    stage.send(called())
    stage.drain()
    assert s3.blocks == dict.fromkeys(BLOCKS, True)
    (event,) = stage.events
    assert (event["type"], event["subject"]) == ("policy.remediated", f"s3://{BUCKET}")
    assert event["data"]["found"] == {"blocks_off": list(BLOCKS), "policy_public": True, "public_grants": []}
    assert event["data"]["by"] == "arn:aws:sts::111122223333:assumed-role/website/deploy"


def test_its_own_call_comes_back_and_ends_there(stage: Stage, s3: Buckets) -> None:
    """CloudTrail tells of the closing too: the bucket is asked one question, nothing is put, nobody is told."""
    stage.send(called())
    stage.drain()
    s3.calls.clear()
    stage.send(called(eventID="its-own", eventName="PutBucketPublicAccessBlock"))
    stage.drain()
    assert (s3.calls, len(stage.events)) == (["GetPublicAccessBlock"], 1)


def test_one_opening_told_twice_is_closed_once(stage: Stage, s3: Buckets) -> None:
    """The same call again is a duplicate; what AWS Config says minutes later finds it closed."""
    stage.send(called(), called(), called("aws.config/config_rules_compliance_change.public_read"))
    stage.drain()
    assert (s3.calls.count("PutPublicAccessBlock"), len(stage.events)) == (1, 1)


@pytest.mark.parametrize(
    "bucket", ["herald-prod-a", "herald-dev2-a", "xherald-dev-a", "herald-dev-a/../b", "HERALD-DEV-A", "herald-dev"]
)
def test_a_bucket_outside_of_the_grant_is_asked_nothing(stage: Stage, s3: Buckets, bucket: str) -> None:
    """A processed run without a single call of S3."""
    stage.send(called(bucket=bucket))
    stage.drain()
    assert (stage.decisions(), s3.calls, stage.events) == (["processed"], [], [])


@pytest.mark.parametrize(
    ("call", "action"),
    [
        (called(eventID="later", eventName="DeleteBucketTagging"), "DeleteBucketTagging"),
        (called("aws.s3/aws_api_call_via_cloudtrail.untagged"), "UntagResource"),
    ],
)
def test_an_exception_stays_open_until_its_tag_goes(stage: Stage, s3: Buckets, call: str, action: str) -> None:
    """Withdrawing the tag is a call like any other, and then the bucket is closed."""
    s3.tags = {EXCEPTION: "the public website"}
    stage.send(called())
    stage.drain()
    assert (s3.blocks, stage.events) == ({}, [])
    s3.tags = {}
    stage.send(call)
    stage.drain()
    assert s3.blocks == dict.fromkeys(BLOCKS, True)
    assert [event["data"]["action"] for event in stage.events] == [action]


def test_a_bucket_that_is_gone_needs_nothing(stage: Stage, s3: Buckets) -> None:
    """Deleted before the event came."""
    s3.gone = True
    stage.send(called())
    stage.drain()
    assert (stage.decisions(), stage.events) == (["processed"], [])


def test_a_bucket_deleted_while_it_is_looked_at_is_not_told_of(
    stage: Stage, s3: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was closed."""

    def too_late(**_: object) -> None:
        raise ClientError({"Error": {"Code": "NoSuchBucket", "Message": "m"}}, "PutPublicAccessBlock")

    monkeypatch.setattr(s3, "put_public_access_block", too_late)
    stage.send(called())
    stage.drain()
    assert (stage.decisions(), stage.events) == (["processed"], [])


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        ("GetBucketTagging", "s3:GetBucketTagging"),
        ("PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ],
)
def test_what_is_denied_is_rejected_with_what_to_allow(stage: Stage, s3: Buckets, operation: str, action: str) -> None:
    """No attempt can help; the dead letter names the bucket and the action."""
    s3.denied = {operation}
    stage.send(called())
    stage.drain()
    (dead_letter,) = stage.dead_letters()
    assert dead_letter["reason"].startswith(
        f"S3 denied {action} on {BUCKET}: the role allows it for buckets of this account, so "
    )
    assert (dead_letter["attempts"], stage.events) == (1, [])


def test_whoever_denies_the_details_is_closed_all_the_same(stage: Stage, s3: Buckets) -> None:
    """What a policy lets through is worth telling, but nothing that closing waits for."""
    s3.denied = {"GetBucketPolicyStatus", "GetBucketAcl"}
    stage.send(called())
    stage.drain()
    assert s3.blocks == dict.fromkeys(BLOCKS, True)
    assert [event["data"]["found"] for event in stage.events] == [{"blocks_off": list(BLOCKS)}]


def test_what_is_tagged_and_no_bucket_is_left(stage: Stage, s3: Buckets) -> None:
    """Access points have tags, too; the run says of which it was."""
    point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/herald-dev-website"
    stage.send(called(eventName="TagResource", requestParameters={"resourceArn": point}))
    stage.drain()
    assert [(row["pk"], row["decision"]) for row in stage.rows()] == [(point, "processed")]
    assert (s3.calls, stage.events) == ([], [])


@pytest.mark.parametrize("parameters", [None, {}, {"bucketName": 7}])
def test_an_event_without_a_bucket_is_rejected(stage: Stage, s3: Buckets, parameters: object) -> None:
    """CloudTrail leaves out the parameters of some calls that were refused."""
    stage.send(called(requestParameters=parameters, resources=[]))
    stage.drain()
    assert stage.dead_letters()[0]["decision"] == "rejected"
    assert s3.calls == []
