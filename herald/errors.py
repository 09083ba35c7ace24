"""The one error of the command line."""


class CommandError(Exception):
    """A command cannot do what it was asked; the message says why, and what to do about it."""
