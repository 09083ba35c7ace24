"""Tests: unit of herald/targets."""
