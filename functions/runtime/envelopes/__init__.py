"""Parsers from the body of a message to an Event, one per envelope."""
