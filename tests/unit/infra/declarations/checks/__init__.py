"""Tests: unit of infra/declarations/checks."""
