"""Tests: unit of herald/investigate."""
