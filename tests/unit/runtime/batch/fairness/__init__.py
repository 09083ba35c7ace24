"""Fairness between subjects (fair = true)."""
