"""Sends wakes to the function's own queue, where SQS delays them until they are due.

SQS delays a message for 15 minutes at most, so a wake that is due later is received early and sent again, as often as
it takes. Each message is new to SQS: its retention and its count of receives begin again.
Source: "Amazon SQS message timers", Amazon SQS Developer Guide.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from functions.runtime.batch import retry
from functions.runtime.batch.record import Delivery
from functions.runtime.core import clock
from functions.runtime.core.settings import queue_settings
from functions.runtime.core.wakes import Wake
from functions.runtime.run.batching import calls

LONGEST_DELAY_SECONDS: Final = 900


def early(delivery: Delivery) -> Wake | None:
    """Return the wake of a message that came before it is due, None for any other message."""
    event = delivery.event
    if event is None or not event.woken:
        return None
    now = clock.now_ms()
    lag_ms = event.lag_ms(now) or 0
    if lag_ms >= 0:
        return None
    carried = (delivery.record.get("messageAttributes") or {}).get(retry.ATTRIBUTE, {}).get("stringValue", "")
    return Wake(id=event.id, due_ms=now - lag_ms, body=str(delivery.record["body"]), carried=carried)


def send(wakes: Sequence[Wake], codes: list[str]) -> None:
    """Send wakes; write into `codes` TAKEN, or what SQS answered to each."""
    for group in calls({place: len(wake.body.encode()) + len(wake.carried) for place, wake in enumerate(wakes)}):
        retry.send(queue_settings().url, {place: _entry(place, wakes[place]) for place in group}, codes)


def _entry(place: int, wake: Wake) -> Mapping[str, Any]:
    seconds = math.ceil((wake.due_ms - clock.now_ms()) / 1_000)
    entry = {
        "Id": str(place),
        "MessageBody": wake.body,
        "DelaySeconds": max(0, min(LONGEST_DELAY_SECONDS, seconds)),
    }
    return entry | ({"MessageAttributes": retry.attribute(wake.carried)} if wake.carried else {})
