"""Sends wakes to the function's own queue, where SQS delays them until they are due.

SQS delays a message for at most 15 minutes. A wake that is due later is received early and sent again, as often as
needed. Each time it is a new message: its retention period and its receive count start again.
Source: "Amazon SQS message timers", Amazon SQS Developer Guide.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from functions.runtime.batch import messages
from functions.runtime.batch.carried import ATTRIBUTE, attributes
from functions.runtime.batch.record import Record
from functions.runtime.core import clock
from functions.runtime.core.replies import Replies
from functions.runtime.core.settings import queue_settings
from functions.runtime.core.wakes import Wake
from functions.runtime.run.batching import calls

LONGEST_DELAY_SECONDS: Final = 900


def early(record: Record) -> Wake | None:
    """Return the wake of a message that was received before the wake is due; None for any other message."""
    event = record.event
    if event is None or not event.woken:
        return None
    now = clock.now_ms()
    lag_ms = event.lag_ms(now) or 0
    if lag_ms >= 0:
        return None
    sqs_record = record.sqs_record
    carried = (sqs_record.get("messageAttributes") or {}).get(ATTRIBUTE, {}).get("stringValue", "")
    return Wake(id=event.id, due_ms=now - lag_ms, body=str(sqs_record["body"]), carried=carried)


def send(wakes: Sequence[Wake], replies: Replies) -> None:
    """Send wakes in as few calls as possible; record the reply of SQS to each."""
    for group in calls({place: len(wake.body.encode()) + len(wake.carried) for place, wake in enumerate(wakes)}):
        messages.send(queue_settings().url, {place: _entry(place, wakes[place]) for place in group}, replies)


def _entry(place: int, wake: Wake) -> Mapping[str, Any]:
    seconds = math.ceil((wake.due_ms - clock.now_ms()) / 1_000)
    entry = {
        "Id": str(place),
        "MessageBody": wake.body,
        "DelaySeconds": max(0, min(LONGEST_DELAY_SECONDS, seconds)),
    }
    return entry | ({"MessageAttributes": attributes(wake.carried)} if wake.carried else {})
