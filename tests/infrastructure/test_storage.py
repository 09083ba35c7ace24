"""The buckets, the ledger, and the deletion policies of stateful resources."""

import pytest

from functions.runtime.ledger import runs_index
from functions.runtime.ledger.rows import RunRow
from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.lookups import KEPT


def test_buckets_are_versioned_and_private_and_send_events(dev: Synthesized) -> None:
    """Versions that expire, TLS, no public access, and EventBridge for all buckets except the journal's."""
    buckets = dev.resources("AWS::S3::Bucket")
    assert len(buckets) == 3
    for name, bucket in buckets.items():
        described = bucket["Properties"]
        assert described["VersioningConfiguration"] == {"Status": "Enabled"}
        assert all(described["PublicAccessBlockConfiguration"].values())
        notifications = described.get("NotificationConfiguration")
        expected = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
        assert notifications == (None if "Journal" in name else expected)
        assert "NoncurrentVersionExpiration" in described["LifecycleConfiguration"]["Rules"][0]
    for policy in dev.resources("AWS::S3::BucketPolicy").values():
        (deny,) = [each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_ledger_expires_and_can_be_restored(dev: Synthesized) -> None:
    """On-demand capacity, TTL on the attribute that the runtime writes, and point-in-time recovery."""
    (ledger,) = dev.resources("AWS::DynamoDB::Table").values()
    described = ledger["Properties"]
    assert described["BillingMode"] == "PAY_PER_REQUEST"
    assert described["TimeToLiveSpecification"] == {"AttributeName": "expiration", "Enabled": True}
    assert described["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize(("environment", "policy"), [("dev", "Delete"), ("prod", KEPT)])
def test_data_outlives_a_prod_stack(environment: str, policy: str, request: pytest.FixtureRequest) -> None:
    """In prod, resources with data or messages are retained; in dev, they are deleted with their stack.

    Resources that a failed first deployment created are deleted in prod too, because the next deployment needs their
    fixed names.
    """
    app: Synthesized = request.getfixturevalue(environment)
    replaced = "Retain" if policy == KEPT else policy
    for kind in (
        "AWS::S3::Bucket",
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::Logs::LogGroup",
        "AWS::SecretsManager::Secret",
    ):
        found = app.resources(kind).values()
        assert {(each["DeletionPolicy"], each["UpdateReplacePolicy"]) for each in found} == {(policy, replaced)}


def test_settled_runs_are_listed_by_an_index(dev: Synthesized) -> None:
    """Its name and its partition are those of the runtime; it has the attributes that `herald runs` reads."""
    (ledger,) = dev.resources("AWS::DynamoDB::Table").values()
    (index,) = ledger["Properties"]["GlobalSecondaryIndexes"]
    assert index["IndexName"] == runs_index.INDEX
    assert [each["AttributeName"] for each in index["KeySchema"]] == ["hour", "settled_at"]
    assert {"hour", "settled_at"} <= RunRow.__annotations__.keys()
    projected = set(index["Projection"]["NonKeyAttributes"])
    assert projected <= RunRow.__annotations__.keys()
    assert {"facts", "decision", "error_class", "correlation_id", "attempt", "duration_ms"} == projected
