"""Tests: unit of herald/scaffold."""
