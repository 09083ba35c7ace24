"""Tests: objectives."""
