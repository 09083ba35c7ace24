"""Tests: unit of herald/commands."""
