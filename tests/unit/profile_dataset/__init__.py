"""Tests: profile_dataset."""
