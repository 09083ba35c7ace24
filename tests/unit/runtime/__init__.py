"""Tests: unit of runtime."""
