"""Files that `herald send` puts into a bucket."""

import json
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from herald import cli
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.send import send
from infra.declarations import resources
from infra.declarations.resources import PlatformResource


def test_an_object_that_s3_does_not_take_is_one_sentence(tmp_path: Path) -> None:
    """Whatever boto3 calls it."""
    file = tmp_path / "a.txt"
    file.write_bytes(b"a")
    with mock_aws():
        made = Deployment(boto3.Session("test", "test", region_name="eu-west-1"), "dev")
        made.__dict__["outputs"] = {"BucketOutputs": "gone"}
        with pytest.raises(CommandError, match=r"Failed to upload .*a.txt to gone/reports/a.txt: .*NoSuchBucket"):
            send.send_file(made, file, "reports/")


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Name two more buckets of the platform, one of which exists before Herald, and what they are called on AWS."""
    more = {
        "bucket.inbox": PlatformResource(kind="bucket", name="inbox"),
        "bucket.landing": PlatformResource(kind="bucket", name="landing", existing="acme-landing"),
    }
    known = {**resources.load(), **more}
    monkeypatch.setattr(resources, "load", lambda: known)
    return {"BucketOutputs": "outputs-1", "BucketInbox": "inbox-1", "BucketLanding": "acme-landing"}


def cli_send(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, file: Path, to: str) -> Result:
    """Run `herald send FILE --to …` against a deployment."""
    monkeypatch.setattr("herald.commands.send.choose", lambda *_: deployment)
    return CliRunner().invoke(cli.app, ["send", str(file), "--to", to])


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("reports/", "s3://outputs-1/reports/a.txt"),
        ("inbox/", "s3://outputs-1/inbox/a.txt"),
        ("s3:outputs/inbox/reports/", "s3://outputs-1/inbox/reports/a.txt"),
        ("s3:reports/", "s3://outputs-1/reports/a.txt"),
        ("s3:inbox/a/b/", "s3://inbox-1/a/b/a.txt"),
        ("s3:outputs/inbox/", "s3://outputs-1/inbox/a.txt"),
        ("s3:landing/crm", "s3://acme-landing/crm/a.txt"),
    ],
)
def test_a_file_is_sent_to_any_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, buckets: dict[str, str], to: str, subject: str
) -> None:
    """As `--on` of `herald new` names it; without `s3:` it is a prefix in `outputs`."""
    file = tmp_path / "a.txt"
    file.write_bytes(b"a")
    with mock_aws():
        made = Deployment(boto3.Session("test", "test", region_name="eu-west-1"), "dev")
        made.__dict__["outputs"] = buckets
        for bucket in buckets.values():
            made.client("s3").create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
            )
        sent_ = cli_send(made, monkeypatch, file, to)
        assert (sent_.exit_code, sent_.stdout) == (0, f"{subject}\n")
        _, _, bucket, key = subject.split("/", 3)
        assert made.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b"a"


def test_a_bucket_that_exists_on_aws_is_made_on_the_local_aws(tmp_path: Path, buckets: dict[str, str]) -> None:
    """It starts empty; the bucket sends its events to EventBridge. On AWS no bucket is made."""
    file = tmp_path / "a.txt"
    file.write_bytes(b"a")
    with mock_aws():
        made = Deployment(boto3.Session("test", "test", region_name="eu-west-1"), "dev")
        made.__dict__["outputs"] = buckets
        with pytest.raises(CommandError, match="NoSuchBucket"):
            send.send_file(made, file, "s3:landing/in/")
        sqs, events = made.client("sqs"), made.client("events")
        queue = sqs.create_queue(QueueName="written")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name="written", EventPattern='{"source": ["aws.s3"]}')
        events.put_targets(Rule="written", Targets=[{"Id": "queue", "Arn": arn}])
        made = Deployment(made.session, "dev", "https://s3.eu-west-1.amazonaws.com")
        made.__dict__["outputs"] = buckets
        for _ in range(2):
            assert send.send_file(made, file, "s3:landing/in/") == "s3://acme-landing/in/a.txt"
        (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"][:1]
        assert json.loads(message["Body"])["detail"]["bucket"]["name"] == "acme-landing"


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("s3:inbx/in/", "infra/resources.toml declares no bucket 'inbx'; did you mean 'inbox'? To declare it, add ["),
        (
            "landing/orders/",
            "write s3:landing/orders/ for that bucket, or s3:outputs/landing/orders/ for the prefix in the bucket out",
        ),
        ("s3:inbox/", "'s3:inbox/' names a bucket and no prefix"),
        ("s3://inbox/in/", "begins with '/', and keys do not: write s3:inbox/in/"),
        ("s3:inbox/in/", "the bucket inbox is not deployed: run `herald local up`, or on AWS `cdk deploy --all`"),
    ],
)
@pytest.mark.usefixtures("buckets")
def test_a_bucket_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str, reason: str
) -> None:
    """By the command line, and nothing is uploaded elsewhere."""
    file = tmp_path / "a.txt"
    file.write_bytes(b"a")
    made = Deployment(boto3.Session("test", "test", region_name="eu-west-1"), "dev")
    made.__dict__["outputs"] = {"BucketOutputs": "out"}
    refused = cli_send(made, monkeypatch, file, to)
    assert refused.exit_code == 1
    assert reason in str(refused.exception)
