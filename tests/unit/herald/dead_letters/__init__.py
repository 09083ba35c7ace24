"""Tests: unit of herald/dead_letters."""
