"""What the handler stands on: the surroundings of the runtime's tests, the published keys, and the real contracts."""

import pytest

from functions.runtime.run import contracts
from infra.declarations.loader import ROOT
from tests.front import front
from tests.unit.runtime.conftest import World, world

__all__ = ["front", "world"]


@pytest.fixture
def held(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - after it, which sets others
    """Hold what is emitted against the contracts of this repository."""
    monkeypatch.setattr(contracts, "EVENTS", ROOT / "events")
