"""The reasons of decisions: one sentence in the log line, in the row of the run and in the dead letter.

The reason of a failed run is the error that its handler or the runtime raised. Other reasons are worded here.
"""

from typing import Final

from functions.runtime.core import telemetry

LENGTH: Final = 500  # characters
RETURNED: Final = "the handler returned"
CRASHED: Final = "the worker crashed or timed out on every attempt"
FOLDER: Final = "the object is a folder: its key ends in '/' and its size is 0 bytes"
ID_REUSED: Final = "the event id was already used with different content"


def of_error(error: Exception) -> str:
    """Return the error as one line of limited length that quotes no payload."""
    text = telemetry.describe(error)
    if len(text) <= LENGTH:
        return text
    # Cut the middle: a long key is at the beginning of a message, and the fault at its end.
    half = LENGTH // 2
    return f"{text[: half - 1]}…{text[-half:]}"


def late(age_seconds: int, limit_seconds: int) -> str:
    """Return the reason for an event that is older than its function accepts."""
    return f"the event is {age_seconds:,} s old; the function accepts at most {limit_seconds:,} s"


def events_not_accepted(reply: str) -> str:
    """Return the reason if EventBridge did not accept an event of the run, with its reply."""
    return f"PutEvents failed: {reply}"


def wake_not_accepted(reply: str) -> str:
    """Return the reason if SQS did not accept the wake of the run, with its reply."""
    return f"the wake was not sent: {reply}"
