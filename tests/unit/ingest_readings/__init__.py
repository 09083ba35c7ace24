"""Tests: unit of ingest_readings."""
