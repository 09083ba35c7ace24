"""Fixtures of the tests of herald/dead_letters."""

from collections.abc import Iterator
from typing import Final

import boto3
import pytest
from moto import mock_aws

from herald.deployment import queues
from herald.deployment.deployment import Deployment
from tests.unit.herald.dead_letters.renamed import DEAD_LETTER, deployed

UNDELIVERED: Final = {"TARGET_ARN": {"DataType": "String", "StringValue": "arn:aws:sqs:us-east-1:1:herald-dev-old"}}


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Return a deployment after a rename; as in prod, the old queues are retained, with messages."""
    monkeypatch.setattr(queues, "WAIT_SECONDS", 0)  # moto returns all messages at once
    with mock_aws():
        sqs = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 - moto's
        made = deployed(sqs)
        for name in ("herald-dev-old", "herald-dev-new", "herald-dev-other"):
            sqs.create_queue(QueueName=name)
            sqs.create_queue(QueueName=f"{name}-dead")
        made.outputs["Undelivered"] = sqs.create_queue(QueueName="undelivered")["QueueUrl"]
        old = made.all_queues["old"]
        for url, text, attributes in (
            (old["dead_letters"], "dead", DEAD_LETTER),
            (old["queue"], "waiting", {}),
            (made.outputs["Undelivered"], "undelivered", UNDELIVERED),
            (made.all_queues["other"]["dead_letters"], "of another function", DEAD_LETTER),
        ):
            queues.post(sqs, url, [{"MessageBody": text, "MessageAttributes": attributes}])
        yield made
