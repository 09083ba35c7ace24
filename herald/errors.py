"""The error that commands raise."""


class CommandError(Exception):
    """A command failed; the message states the reason and the remedy."""
