"""Tests: unit of runtime/envelopes."""
