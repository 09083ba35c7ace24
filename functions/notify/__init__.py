"""Sends notices about events to people."""
