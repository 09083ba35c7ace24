"""Tests: unit of summarise_test_report."""
