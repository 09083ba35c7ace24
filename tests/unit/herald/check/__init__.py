"""Tests: unit of herald/check."""
