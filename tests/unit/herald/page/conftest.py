"""Fixtures of the tests of the page: a deployment on moto."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from moto import mock_aws

from herald.deployment import functions, queues, switch
from herald.deployment.deployment import Deployment
from tests.unit.herald.investigate.installation import install
from tests.unit.herald.page.served import Visitor


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Return a deployment with seven functions; `book` is paused."""
    monkeypatch.setattr(queues, "WAIT_SECONDS", 0)  # moto returns all messages at once
    monkeypatch.setattr(switch, "paused", lambda _deployment: ["book"])
    monkeypatch.setattr(functions, "ledger_retention", lambda *_: timedelta(days=42))
    with mock_aws():
        made = install()
        made.outputs["Undelivered"] = made.client("sqs").create_queue(QueueName="undelivered")["QueueUrl"]
        yield made


@pytest.fixture
def visitor(deployment: Deployment) -> Visitor:
    """Return a browser that the page let in."""
    return Visitor(deployment)
