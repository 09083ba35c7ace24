"""Tests: unit of infra/flow."""
