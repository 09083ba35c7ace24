"""The fixtures of the contract tests, from the runtime's tests."""

from tests.unit.runtime.conftest import World, world

__all__ = ["World", "world"]
