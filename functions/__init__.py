"""The functions, one folder each, and their runtime."""
