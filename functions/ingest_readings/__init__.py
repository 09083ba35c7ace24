"""Turns what devices publish into readings that any function can trust."""
