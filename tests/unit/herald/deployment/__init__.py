"""Tests: unit of herald/deployment."""
