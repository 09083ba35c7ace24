"""Dead letters that come back while they are redriven."""

import json
from collections.abc import Iterator
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws

from functions.runtime.retry import ATTRIBUTE
from herald import letters, queues
from herald.deployment import Deployment
from herald.queues import Pace
from infra.spec import FunctionSpec, Trigger

SPEC: Final = FunctionSpec(name="f", description="d", owner="o", trigger=Trigger(samples=("s",)))


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Return a deployment of one function, whose messages come back at once as dead letters."""
    with mock_aws():
        sqs = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 - moto's
        urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("queue", "dead_letters", "undelivered")}
        known = {"f": {name: urls[name] for name in ("queue", "dead_letters")}}
        session: Any = None
        made = Deployment(session, "dev", _clients={"sqs": sqs})
        made.__dict__.update(specs={"f": SPEC}, all_queues=known, outputs={"Undelivered": urls["undelivered"]})

        def fail_again(client: Any, _url: str, messages: list[Any]) -> list[int]:  # noqa: ANN401 - boto3's
            return queues.post(client, urls["dead_letters"], messages)

        monkeypatch.setattr(letters, "post", fail_again)
        yield made


def test_what_comes_back_while_it_is_redriven_is_counted_once(deployment: Deployment) -> None:
    """It is sent once, stays for the next time, and progress says how many letters there are, not how often."""
    said = {ATTRIBUTE: {"DataType": "String", "StringValue": json.dumps({"generation": 0})}}
    bodies = [{"MessageBody": body, "MessageAttributes": said} for body in ("a", "b")]
    queues.post(deployment.client("sqs"), deployment.all_queues["f"]["dead_letters"], bodies)
    told: list[int] = []
    moved = letters.redrive(deployment, letters.Filter(), force=False, pace=Pace(None), tell=told.append)
    assert (moved.moved, sum(told)) == (2, 2)
    assert letters.total(deployment, letters.Filter()) == 2
