"""Tests: unit of diff_inventory."""
