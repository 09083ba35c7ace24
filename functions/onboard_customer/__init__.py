"""Welcomes each new customer once."""
