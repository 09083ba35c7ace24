"""Tests: unit of herald/local."""
