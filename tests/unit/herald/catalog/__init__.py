"""Tests: unit of herald/catalog."""
