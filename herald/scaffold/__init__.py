"""Writes the first version of a function or of a contract: files that pass every check without changes."""
