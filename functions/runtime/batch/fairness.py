"""Who of a batch waits, so that one loud subject does not hold the others up.

SQS's fair queues would do it by MessageGroupId, which neither AWS IoT's rules nor the ESM can set for a standard queue.
So a worker remembers whose messages it was handed lately. While the queue is behind, what is handed out for the first
time and belongs to whoever sent most of them is put back for as long as it has waited, and to come again at half the
pace at which the worker works: until then it has got to what lies behind the flood, for the price of one call a batch,
and half of its time stays free when the flood returns. Two subjects that are equally loud are nobody's flood.
"""

import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from functions.runtime.batch.record import Delivery
from functions.runtime.core import clock
from functions.runtime.core.settings import queue_settings

REMEMBERED: Final = 100  # messages
LEAST: Final = 30  # with fewer remembered nobody is called loud: the second batch tells what a warm worker needs
BEHIND_MS: Final = 2_000  # a queue that hands out what is younger holds nobody up
REACH_MS: Final = 60_000  # within it a worker has got through whatever lies behind
LONGEST_MS: Final = 900_000
# Messages, of all workers. SQS hands out nothing while 120,000 of a queue are in flight, and workers that a deployment
# put in the place of others know nothing of what those hid.
HIDDEN: Final = 50_000
BATCHES: Final = 10  # the best of the last ones tells what a message costs: small ones cost more for each


@dataclass
class Turns:
    """What one worker knows: whose messages came lately, what they cost in ms, and until when the loud one's are due.

    A message waits once: when it comes back it is handled, whoever sent it. What could be too old by then does not,
    and nobody does while `most` of those this worker put back are hidden.
    """

    most: int
    seen: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    costs_ms: deque[float] = field(default_factory=lambda: deque(maxlen=BATCHES))
    due_ms: float = 0
    hidden_until_ms: deque[int] = field(default_factory=deque)

    def waits(self, deliveries: Sequence[Delivery]) -> list[tuple[Delivery, int]]:
        """Return who waits, and for how many seconds."""
        fresh = [delivery for delivery in deliveries if delivery.receives == 1]
        self.seen += [delivery.request.key.subject for delivery in fresh]
        loud, now = self._loud(), clock.now_ms()
        behind = [each for each in fresh if each.request.key.subject == loud and now - each.sent_ms > BEHIND_MS]
        waiting: list[tuple[Delivery, int]] = []
        while self.hidden_until_ms and self.hidden_until_ms[0] <= now:
            self.hidden_until_ms.popleft()
        for delivery in behind[: self.most - len(self.hidden_until_ms)]:
            due_ms = self._next_due(now, now - delivery.sent_ms)
            seconds = math.ceil((due_ms - now) / 1_000)
            if not _is_hurried(delivery, now, seconds):
                self.due_ms = due_ms
                self.hidden_until_ms.append(now + seconds * 1_000)
                waiting.append((delivery, seconds))
        return waiting

    def took(self, messages: int, duration_ms: int) -> None:
        """Learn what messages of a batch cost of which none waited."""
        if messages:
            self.costs_ms.append(max(0, duration_ms) / messages)

    def _loud(self) -> str | None:
        """Return the subject of more than half of the messages."""
        ((subject, count),) = Counter(self.seen).most_common(1) or [("", 0)]
        return subject if len(self.seen) >= LEAST and 2 * count > len(self.seen) else None

    def _next_due(self, now: int, waited_ms: int) -> float:
        """Return when the next of the loud subject is due: what is put off for longer comes together."""
        earliest_ms = now + min(waited_ms, REACH_MS)
        due_ms = max(self.due_ms, earliest_ms) + 2 * min(self.costs_ms, default=0)
        return min(due_ms, now + LONGEST_MS)


def _is_hurried(delivery: Delivery, now: int, seconds: int) -> bool:
    """Judge whether waiting could make it too old: when it comes back, as much time as it waited must be left to it."""
    age = delivery.event.lag_ms(now) if delivery.event else None
    return age is not None and delivery.is_late(age + 2 * seconds * 1_000)


@cache
def turns() -> Turns:
    """Return what this worker knows."""
    return Turns(HIDDEN // queue_settings().max_concurrency)
