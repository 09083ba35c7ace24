"""Tests: unit of notify."""
