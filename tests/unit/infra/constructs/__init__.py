"""Tests: unit of infra/constructs."""
