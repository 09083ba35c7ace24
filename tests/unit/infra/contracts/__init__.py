"""Tests: unit of infra/contracts."""
