"""Tests: unit of runtime/patterns."""
