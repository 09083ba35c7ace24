"""Converts the messages of devices to readings in common units."""
