"""A handler that asks for wakes, and helpers for the tests of wakes."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from functions.runtime import Event, Run
from tests.events import body, cloud_event
from tests.stage import Stage, install

if TYPE_CHECKING:
    from collections.abc import Callable

BEGAN_MS: Final = 1_800_000_000_000
MINUTE_MS: Final = 60_000
CANCELED: Final = ("stale", "the wake is canceled: a newer event of the subject was processed")
REPLACED: Final = ("stale", "the wake is canceled: the attempt that asked for it was not processed")
RAN: Final = ("processed", "the handler returned")


def at(ms: int) -> str:
    """Return a time in the format of CloudEvents."""
    return datetime.fromtimestamp(ms / 1_000, UTC).isoformat()


def sent(number: int, **fields: Any) -> str:  # noqa: ANN401 - attributes of CloudEvents
    """Return the number-th event of one subject, with the time at which the stage begins."""
    values = {"id": f"e{number}", "subject": "thing/1", "sequence": str(number), "time": at(BEGAN_MS)} | fields
    return body(cloud_event(**values))


class Reminder:
    """A handler that asks for a wake in each event, and records the wakes that it receives."""

    def __init__(self, minutes: float = 10) -> None:
        """Set after how many minutes wakes are due."""
        self.minutes = minutes
        self.stage: Stage
        self.events: list[str] = []
        self.woken: list[tuple[float, dict[str, Any], dict[str, Any]]] = []
        self.fail: Callable[[Event], None] = lambda _event: None

    def __call__(self, event: Event, run: Run) -> None:
        """Ask for a wake, or record the minute, the data and the state."""
        self.fail(event)
        if event.woken:
            minute = (self.stage.now - BEGAN_MS) / MINUTE_MS
            self.woken.append((minute, dict(event.data), dict(run.state)))
            return
        self.events.append(event.id)
        run.state["last"] = event.id
        run.wake(after=timedelta(minutes=self.minutes), data={"of": event.id})


def staged(handle: Reminder, patch: pytest.MonkeyPatch, **changed: str) -> Stage:
    """Return a stage for a function that declares wakes."""
    handle.stage = install(Stage(handle), patch, ORDER="newest", WAKES="true", **changed)
    return handle.stage


def rows(stage: Stage) -> list[tuple[str, str]]:
    """Return decision and reason of each decided wake, sorted."""
    found = [row for row in stage.rows() if row["facts"]["type"] == "herald.wake"]
    return sorted((str(row["decision"]), str(row["reason"])) for row in found)
