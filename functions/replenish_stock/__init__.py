"""Requests the purchase of items that run low."""
