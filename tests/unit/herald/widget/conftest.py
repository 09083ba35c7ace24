"""Fixtures of the tests of the widget: a deployment on moto, and a dashboard that calls the widget."""

import pytest

from herald.deployment.deployment import Deployment
from herald.widget import handler
from tests.unit.herald.page.conftest import deployment
from tests.unit.herald.widget.dashboard import Dashboard

__all__ = ["deployment"]


@pytest.fixture
def dashboard(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    """Return a dashboard whose widget answers for the deployment."""
    monkeypatch.setattr(handler, "deployment", lambda: deployment)
    return Dashboard()
