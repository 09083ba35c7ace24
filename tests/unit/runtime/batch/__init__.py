"""Tests: unit of runtime/batch."""
