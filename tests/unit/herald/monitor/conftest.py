"""The deployment in memory of the tests of herald/investigate."""

from tests.unit.herald.investigate.conftest import deployment

__all__ = ["deployment"]
