"""Receives signed webhooks of other systems and emits them as events."""
