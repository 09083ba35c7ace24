"""Tests: unit of replenish_stock."""
