"""A handler that emits one event per event, and helpers for the tests of its faults."""

from collections import Counter
from typing import Any

import pytest

from functions.runtime import Event, Run
from tests.events import body, cloud_event
from tests.stage import Stage

both = pytest.mark.parametrize("order", ["none", "newest"])


class Emitter:
    """A handler that emits one event for each event it handles, and then raises what `fault` raises."""

    def __init__(self) -> None:
        """Count the handled events by subject."""
        self.handled: Counter[str] = Counter()
        self.fault: Any = lambda _event: None

    def __call__(self, event: Event, run: Run) -> None:
        """Handle one event."""
        self.handled[event.subject] += 1
        run.emit("thing.done", {"of": event.subject}, subject=event.subject)
        self.fault(event)


def event(number: int = 1, sequence: str = "1", **fields: Any) -> str:  # noqa: ANN401 - attributes of CloudEvents
    """Return the number-th event, about a subject of its own."""
    return body(cloud_event(id=f"e{number}", subject=f"thing/{number}", sequence=sequence, **fields))


def effects(stage: Stage) -> Counter[str]:
    """Count the sent events by id; a consumer acts once per id."""
    return Counter(each["id"] for each in stage.events)
