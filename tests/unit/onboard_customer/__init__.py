"""Tests: unit of onboard_customer."""
