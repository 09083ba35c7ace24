"""Tests: unit of page_on_alarm."""
