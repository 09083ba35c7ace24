"""The contracts of event types: validation, compatibility, and changes since a revision."""
