"""The terminal: options, times, progress, and how answers are rendered."""
