"""Requests the purchase of what runs low."""
