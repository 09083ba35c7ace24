"""Tests: unit of runtime/ledger."""
