"""Tests: emulator of functions."""
