"""Tests: unit of herald/send."""
