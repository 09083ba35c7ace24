"""Collects the events that a run emits; they are sent after the handler has returned."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from functions.runtime.core.event import Event
from functions.runtime.run import emitted_event
from functions.runtime.run.run_lineage import RunLineage


class EventEmitter:
    """The events of one run: `entries` are for PutEvents, `effects` for the row of the run."""

    def __init__(self, event: Event, run: str, lineage: RunLineage) -> None:
        """Emit for the run with that key, which handles `event`."""
        self.entries: list[dict[str, str]] = []
        self.effects: list[dict[str, Any]] = []
        self._event = event
        self._run = run
        self._lineage = lineage
        self._calls: Counter[tuple[str, str]] = Counter()
        self._emitted: Counter[str] = Counter()

    def emit(self, event_type: str, data: Mapping[str, Any], subject: str) -> None:
        """Add an event; the same call in a repeated attempt adds an event with the same id."""
        identity = "\n".join((self._run, event_type, subject, str(self._calls[event_type, subject])))
        self._calls[event_type, subject] += 1
        event = emitted_event.cloud_event(
            event_type,
            data,
            subject=subject,
            event_id=emitted_event.derived_id(identity),
            lineage=self._lineage.of_effects(),
        )
        event |= self._sequence(subject)
        self.entries.append(emitted_event.entry(event))
        self._emitted[subject] += 1
        self.effects.append({"kind": "event", "type": event_type, "subject": subject, "id": event["id"]})

    def _sequence(self, subject: str) -> dict[str, str]:
        """Return the sequence of the next event for a subject, if the event that the run handles has one.

        A sequence orders the events of one source and one subject, so events for other subjects get none. A wake has
        the sort key of the event that led to it; its events come after the events of that earlier run.
        """
        if not self._event.sort_key or subject != self._event.subject:
            return {}
        woken = f".w{self._event.time}" if self._event.woken else ""
        return {"sequence": f"{self._event.sort_key}{woken}.{self._emitted[subject]:04}"}
