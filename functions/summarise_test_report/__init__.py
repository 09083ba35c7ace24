"""Summarizes JUnit test reports."""
