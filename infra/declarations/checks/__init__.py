"""Checks of a declaration that depend on several keys or on other files."""
