"""The rules, the mapping, the bucket and the role of the journal."""

from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.lookups import actions


def test_the_journal_stores_every_event_in_large_batches(dev: Synthesized, prod: Synthesized) -> None:
    """All events of the bus and all S3 events of the platform's buckets, kept for `journal_days` of cdk.json."""
    rules = dev.resources("AWS::Events::Rule", "journal").values()
    patterns = {rule["Properties"]["Name"].rpartition("-")[2]: rule["Properties"]["EventPattern"] for rule in rules}
    assert patterns["herald"] == {"source": [{"prefix": ""}]}
    assert patterns["default"]["source"] == ["aws.s3"]
    assert len(patterns["default"]["detail"]["bucket"]["name"]) == 2
    (mapping,) = dev.resources("AWS::Lambda::EventSourceMapping", "journal").values()
    assert mapping["Properties"]["BatchSize"] == 10_000
    assert mapping["Properties"]["MaximumBatchingWindowInSeconds"] == 30
    assert mapping["Properties"]["ScalingConfig"] == {"MaximumConcurrency": 10}
    for app, days in ((dev, 14), (prod, 90)):
        (bucket,) = [each for name, each in app.resources("AWS::S3::Bucket").items() if "Journal" in name]
        lifecycle = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        kept = {each["Prefix"]: each["ExpirationInDays"] for each in lifecycle}
        assert kept == {"events/": days, "dead-letters/": 2 * 14 + 1}


def test_the_journal_can_only_put_objects(dev: Synthesized) -> None:
    """It can neither read its objects nor use the ledger."""
    (policy,) = dev.resources("AWS::IAM::Policy", "journal").values()
    granted = {action for each in policy["Properties"]["PolicyDocument"]["Statement"] for action in actions(each)}
    assert {action for action in granted if action.split(":")[0] not in {"logs", "xray", "sqs"}} == {"s3:PutObject"}
