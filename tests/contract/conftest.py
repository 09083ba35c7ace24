"""What the contract tests stand on: the surroundings of the runtime's tests."""

from tests.unit.runtime.conftest import World, world

__all__ = ["World", "world"]
