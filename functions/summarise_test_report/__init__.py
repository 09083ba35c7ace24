"""Summarises JUnit test reports."""
