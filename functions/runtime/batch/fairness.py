"""Delays messages of a loud subject, so that they do not hold up the messages of other subjects behind them.

SQS's fair queues need a MessageGroupId, which neither AWS IoT rules nor event source mappings can set on a standard
queue. Instead, each worker remembers the subjects of the messages that it received last. A subject is loud if more
than half of them are about it. While the queue has a backlog, messages of the loud subject that are received for the
first time are put back. They become due one after the other, at half the pace of the worker, and the first one after
as long as it has waited already. Until then the worker reaches the messages behind them, at the price of one call per
batch; and half of its time stays free for other messages when the delayed ones return.
"""

import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from functions.runtime.batch.record import Record
from functions.runtime.core import clock
from functions.runtime.core.settings import queue_settings

REMEMBERED: Final = 100  # messages
LEAST: Final = 30  # no subject is loud before the worker remembers this many: the second batch measures a warm worker
BACKLOG_MS: Final = 2_000  # the age of received messages from which the queue has a backlog
REACH_MS: Final = 60_000  # within this time a worker has reached every message that was behind
LONGEST_MS: Final = 900_000
# Messages that all workers together may hide. SQS delivers nothing while 120,000 messages of a queue are in flight, and
# workers that a deployment replaced may have hidden as many again.
HIDDEN: Final = 50_000
BATCHES: Final = 10  # the fastest of the last batches measures the time per message: in small batches it is longer


@dataclass
class Fairness:
    """What one worker remembers: recent subjects, times per message, and when the delayed messages become due.

    A message is delayed once; it is handled when it is received again. A message is not delayed if it could become
    too old meanwhile, or while this worker already hides `most` messages.
    """

    most: int
    subjects: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    message_ms: deque[float] = field(default_factory=lambda: deque(maxlen=BATCHES))
    due_ms: float = 0
    hidden_until_ms: deque[int] = field(default_factory=deque)

    def delays(self, records: Sequence[Record]) -> dict[str, int]:
        """Return for how many seconds messages are delayed, by their ids."""
        fresh = [record for record in records if record.receives == 1]
        self.subjects += [record.request.key.subject for record in fresh]
        loud, now = self._loud(), clock.now_ms()
        behind = [each for each in fresh if each.request.key.subject == loud and now - each.sent_ms > BACKLOG_MS]
        delays: dict[str, int] = {}
        while self.hidden_until_ms and self.hidden_until_ms[0] <= now:
            self.hidden_until_ms.popleft()
        for record in behind[: self.most - len(self.hidden_until_ms)]:
            due_ms = self._next_due(now, now - record.sent_ms)
            seconds = math.ceil((due_ms - now) / 1_000)
            if not _becomes_late(record, now, seconds):
                self.due_ms = due_ms
                self.hidden_until_ms.append(now + seconds * 1_000)
                delays[record.message_id] = seconds
        return delays

    def measure(self, messages: int, duration_ms: int) -> None:
        """Remember the time per message of a batch without delayed messages."""
        if messages:
            self.message_ms.append(max(0, duration_ms) / messages)

    def _loud(self) -> str | None:
        """Return the subject of more than half of the messages."""
        ((subject, count),) = Counter(self.subjects).most_common(1) or [("", 0)]
        return subject if len(self.subjects) >= LEAST and 2 * count > len(self.subjects) else None

    def _next_due(self, now: int, waited_ms: int) -> float:
        """Return when the next message of the loud subject becomes due; past the longest delay, all become due then."""
        earliest_ms = now + min(waited_ms, REACH_MS)
        due_ms = max(self.due_ms, earliest_ms) + 2 * min(self.message_ms, default=0)
        return min(due_ms, now + LONGEST_MS)


def _becomes_late(record: Record, now: int, seconds: int) -> bool:
    """Return whether a delay could make the event too old; as much time as the delay must be left after it."""
    age = record.event.lag_ms(now) if record.event else None
    return age is not None and record.is_late(age + 2 * seconds * 1_000)


@cache
def fairness() -> Fairness:
    """Return what this worker remembers."""
    return Fairness(HIDDEN // queue_settings().max_concurrency)
