"""Tests: unit of close_public_bucket."""
