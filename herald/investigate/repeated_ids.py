"""Finds ids that several events have: a producer repeats an event, or uses one id for different events."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from functions.runtime.core.event import Event

SHOWN: Final = 3


@dataclass
class RepeatedIds:
    """Counts events by subject and id."""

    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, event: Event) -> None:
        """Count one event."""
        self._counts[event.subject, event.id] += 1

    def sentences(self) -> Iterator[str]:
        """Yield a sentence for each of the ids that most events have."""
        for (subject, event_id), count in self._counts.most_common(SHOWN):
            if count > 1:
                yield f"{subject}: {count:,} events have the id {event_id}; a function processes each id once"
