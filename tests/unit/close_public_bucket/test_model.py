"""What is read of CloudTrail's and AWS Config's events."""

from typing import Any

import pytest

from functions.close_public_bucket.model import Change
from functions.runtime.core.errors import MalformedError
from infra.declarations import loader

SUBJECT = "s3://herald-dev-website"
CALL = loader.sample("aws.s3/aws_api_call_via_cloudtrail.block_deleted")["detail"]
RULE = loader.sample("aws.config/config_rules_compliance_change.public_read")["detail"]


def test_a_call_names_its_bucket_and_its_caller() -> None:
    """The ARN of a role's session says which role, and which session."""
    assert Change.read(SUBJECT, CALL) == Change(
        bucket="herald-dev-website",
        action="DeleteBucketPublicAccessBlock",
        by="arn:aws:sts::111122223333:assumed-role/website/deploy",
    )


@pytest.mark.parametrize(
    ("identity", "by"),
    [
        ({"type": "AWSService", "invokedBy": "cloudformation.amazonaws.com"}, "cloudformation.amazonaws.com"),
        ({"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": "444455556666"}, "444455556666"),
        ({"type": "Unknown"}, None),
    ],
)
def test_a_caller_without_an_arn_is_named_as_well_as_may_be(identity: dict[str, str], by: str | None) -> None:
    """Services and callers of other accounts have none."""
    assert Change.read(SUBJECT, CALL | {"userIdentity": identity}).by == by


def test_a_broken_rule_names_its_bucket_and_nobody() -> None:
    """AWS Config knows what is wrong, not who did it."""
    assert Change.read(SUBJECT, RULE) == Change(
        bucket="herald-dev-website", action="s3-bucket-public-read-prohibited", by=None
    )


@pytest.mark.parametrize(
    ("subject", "data", "reason"),
    [
        (SUBJECT, {}, "detail.userIdentity is missing"),
        (SUBJECT, {"userIdentity": None, "eventName": "PutBucketAcl"}, "detail.userIdentity is missing"),
        (SUBJECT, {"userIdentity": {}}, "detail.eventName is missing"),
        ("aws.s3#e-1", CALL, "the subject is 'aws.s3#e-1', not a bucket or an ARN"),
        ("aws.config#e-1", {"configRuleName": "r"}, "the subject is 'aws.config#e-1', not a bucket or an ARN"),
    ],
)
def test_an_event_without_a_bucket_is_refused(subject: str, data: dict[str, Any], reason: str) -> None:
    """The error names the field and the fault."""
    with pytest.raises(MalformedError) as refused:
        Change.read(subject, data)
    assert str(refused.value) == reason
