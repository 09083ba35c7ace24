"""Fixtures: the emitting handler, and a stage for it."""

import pytest

from tests.stage import Stage, install
from tests.unit.runtime.batch.emitter import Emitter
from tests.unit.runtime.batch.fairness.flood import FloodStage, fresh


@pytest.fixture
def emitter() -> Emitter:
    """Return a handler."""
    return Emitter()


@pytest.fixture
def stage(emitter: Emitter, order: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage for that order."""
    return install(Stage(emitter), monkeypatch, ORDER=order)


@pytest.fixture
def flood(monkeypatch: pytest.MonkeyPatch) -> FloodStage:
    """Return a stage for a function with fair = true."""
    return fresh(monkeypatch, fair="true")
