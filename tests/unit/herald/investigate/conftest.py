"""Fixtures of the tests of herald/investigate."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from herald.deployment import functions, switch
from herald.deployment.deployment import Deployment
from herald.investigate import waiting
from tests.unit.herald.investigate.installation import install


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Return the deployment on which every command acts; none of its functions is paused."""
    monkeypatch.setattr(waiting, "TRANSIT_SECONDS", {"local": 0.05, "aws": 0.05})
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 0.3)
    monkeypatch.setattr(switch, "paused", lambda _deployment: [])
    monkeypatch.setattr(switch, "running", lambda deployment: list(deployment.queues))
    monkeypatch.setattr(functions, "ledger_retention", lambda *_: timedelta(days=42))
    monkeypatch.setattr(functions, "deployed_since", lambda *_: datetime(2020, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(functions, "last_modified", lambda *_: datetime(2020, 1, 1, tzinfo=UTC))
    with mock_aws():
        made = install()
        monkeypatch.setattr("herald.deployment.deployment.Deployment.choose", lambda **_: made)
        yield made
