"""Tests: unit of runtime/core."""
