"""What the handler stands on: the surroundings of the runtime's tests, and a secret with the published keys."""

from tests.front import front
from tests.unit.runtime.conftest import world

__all__ = ["front", "world"]
