"""Tests: unit of herald."""
