"""Tests: unit of runtime/run."""
