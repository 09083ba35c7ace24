"""A stage with a flood of messages about one subject, in front of messages about others."""

from typing import Final

import pytest

from functions.runtime import Event, Run
from tests.events import body, cloud_event
from tests.stage import Stage, install

FLOOD: Final = 500  # messages of the loud device
QUIET: Final = 5  # devices that sent one message each, after the flood
CALL_MS: Final = 10  # of a call of AWS
HANDLE_MS: Final = 20
SECOND: Final = 1_000


class FloodStage(Stage):
    """A stage where calls and handlers take time; it records when each message was handled."""

    def __init__(self) -> None:
        """Begin with empty queues."""
        super().__init__(self.work)
        self.handled: list[tuple[str, int]] = []
        self.fail = self.pass_time
        self.handle_ms = HANDLE_MS

    def work(self, event: Event, _run: Run) -> None:
        """Handle an event in `handle_ms`."""
        self.now += self.handle_ms
        self.handled.append((event.subject, self.now))

    def pass_time(self, _call: str, when: str) -> None:
        """Let each call of AWS take CALL_MS."""
        self.now += CALL_MS if when == "before" else 0

    def arrive(self, device: str, messages: int = 1) -> list[str]:
        """Put messages of a device into the queue."""
        bodies = (body(cloud_event(subject=f"device/{device}", data={})) for _ in range(messages))
        return self.send(*bodies)

    def seconds_until(self, device: str, since: int) -> float:
        """Return how long until the device's last message was handled."""
        return (max(at for subject, at in self.handled if subject == f"device/{device}") - since) / SECOND


def fresh(monkeypatch: pytest.MonkeyPatch, *, fair: str) -> FloodStage:
    """Return a new stage."""
    made = FloodStage()
    install(made, monkeypatch, FAIR=fair)
    return made


def longest_wait(flood: FloodStage) -> float:
    """Return the longest remaining delay in seconds."""
    return max(message.visible_at - flood.now for message in flood.queue.values() if message.receives) / SECOND
