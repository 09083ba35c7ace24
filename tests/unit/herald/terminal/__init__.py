"""Tests: unit of herald/terminal."""
