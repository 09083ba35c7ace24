"""Summarises a JUnit test report as soon as a job writes it."""
