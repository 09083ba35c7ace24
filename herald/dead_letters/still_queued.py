"""Finds out whether the dead letters of runs are still in their queues.

The ledger does not record that a dead letter is deleted or redriven; the queues show it.
"""

import time
from collections.abc import Iterable
from typing import Any, Final

from botocore.exceptions import ClientError

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.envelopes.envelope import parse
from functions.runtime.ledger.decisions import DEAD_LETTERED
from herald.dead_letters import listing
from herald.dead_letters.listing import Filter
from herald.dead_letters.reader import DeadLetter
from herald.deployment.deployment import Deployment
from herald.deployment.queues import count

READ: Final = 500  # the most messages that are read for one answer: a message is hidden while it is read
# SQS shows the number of messages correctly a minute after the last change. Source: GetQueueAttributes, Amazon SQS API
# Reference. The local AWS shows it at once.
COUNT_DELAY_MS: Final = 60_000

type Decision = dict[str, Any]


def attach(deployment: Deployment, decided: Iterable[tuple[str, Decision]]) -> None:
    """Add `dead_letter` to each decision that sent its message to a dead-letter queue; `decided` has the subjects.

    It has `in_queue` (None: unknown) and `note`, a sentence for people. Only queues with few messages are read.
    """
    now = int(time.time() * 1000)
    known: dict[str, list[DeadLetter] | None] = {}
    for subject, decision in decided:
        if decision["decision"] not in DEAD_LETTERED:
            continue
        function = decision["function"]
        if function not in known:
            known[function] = _read(deployment, function)
        decision["dead_letter"] = _state(deployment, known[function], subject, decision, now)


def _read(deployment: Deployment, function: str) -> list[DeadLetter] | None:
    """Return the dead letters of a function; None: too many, no queue, or no permission to read messages."""
    wanted = Filter(function=function, waiting=False)
    try:
        if function not in deployment.queues or listing.total(deployment, wanted) > READ:
            return None
        return listing.read(deployment, wanted)
    except ClientError:
        return None


def _state(
    deployment: Deployment, found: list[DeadLetter] | None, subject: str, decision: Decision, now: int
) -> dict[str, Any]:
    if found is None:
        return {"in_queue": None, "note": "not searched: the queue has too many messages, or cannot be read"}
    if any(_is_of(each, subject, decision["event_id"]) for each in found):
        return {"in_queue": True, "note": "its dead letter is in the queue"}
    age = now - (decision["settled_at"] or now)
    if age < COUNT_DELAY_MS and not deployment.endpoint:
        return {"in_queue": None, "note": "the queue does not show its dead letter yet"}
    waiting = count(deployment.client("sqs"), deployment.queues[decision["function"]]["queue"])
    if waiting:
        note = "its dead letter is not in the queue: it was redriven and may wait in the function's queue, or it was "
        return {"in_queue": False, "note": f"{note}deleted, or it expired"}
    return {"in_queue": False, "note": "its dead letter is not in the queue: it was deleted or it expired"}


def _is_of(dead_letter: DeadLetter, subject: str, event_id: str | None) -> bool:
    """Return whether a dead letter has the event; a body that is in S3 or is not an event has no id to compare."""
    if dead_letter.subject != subject:
        return False
    try:
        return event_id in {None, parse(dead_letter.body).id}
    except EnvelopeError:
        return True
