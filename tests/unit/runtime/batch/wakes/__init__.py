"""Wakes: events that a run asks for."""
