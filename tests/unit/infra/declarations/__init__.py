"""Tests: unit of infra/declarations."""
