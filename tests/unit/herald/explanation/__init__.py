"""Tests: unit of herald/explanation."""
