"""Tests: scaffold."""
