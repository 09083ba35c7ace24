"""Tests: unit of herald/page."""
