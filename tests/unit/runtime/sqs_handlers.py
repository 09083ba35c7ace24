"""Handlers for the tests of the entrypoint."""

from functions.runtime import Event, Permanent, Run


def done(event: Event, run: Run) -> None:
    """Handle anything."""


def permanent(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
    """Reject every event."""
    raise Permanent("no such customer")


def broken(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
    """Fail with an error of Python."""
    raise ZeroDivisionError("tea")
