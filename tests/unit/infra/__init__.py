"""Tests: unit of infra."""
