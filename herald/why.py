"""Answers why: the decisions about a subject, and for the functions that did not run, what kept each from it."""

import time
from collections.abc import Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from herald import emulator
from herald.deployment import Deployment
from herald.errors import CommandError
from herald.history import History, is_open
from infra import catalog, pattern

# How long an event may be on its way where no queue shows it yet: between the bus and a queue. EventBridge takes
# 0.4 s in 99 of 100 cases; the emulator takes none that can be measured.
TRANSIT_SECONDS: Final = {"local": 0.5, "aws": 5.0}
WAIT_SECONDS: Final = 120
ON_ITS_WAY: Final = "its pattern matches, but no run has begun: the event may still be on its way"
PAUSED: Final = "it is paused: the event waits in its queue"
NO_PATTERN: Final = "no event of a bus runs it"
IN_QUEUE: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


def why(deployment: Deployment, subject: str) -> dict[str, Any]:
    """Return the decisions about a subject, and where it has none, why no function ran.

    CommandError when there is neither a decision about it nor such an object.
    """
    decisions = History(deployment).decisions(subject)
    answer: dict[str, Any] = {"subject": subject, "decisions": decisions}
    paused = deployment.paused
    if paused:
        answer["paused"] = paused
    if not decisions:
        answer["not_run"] = _not_run(deployment, subject, paused)
    return answer


def wait(deployment: Deployment, subject: str) -> None:
    """Return when no run of the subject is open; CommandError when one still is after two minutes.

    An event that is still on its way has no row: a run counts as open while any function's queue holds a message,
    and all must have been quiet for as long as an event may take from the bus to a queue.
    """
    transit = TRANSIT_SECONDS["local" if deployment.endpoint else "aws"]
    paused = deployment.paused  # their messages wait for a person, for whom nobody else waits
    queues = [each["queue"] for name, each in deployment.queues.items() if name not in paused]
    quiet_since = time.monotonic()

    def settled() -> bool:
        nonlocal quiet_since
        if _busy(deployment, queues) or any(map(is_open, History(deployment).decisions(subject))):
            quiet_since = time.monotonic()
        return time.monotonic() - quiet_since >= transit

    emulator.wait_until(settled, WAIT_SECONDS, every=transit / 10)
    # Queues of a busy installation are never all empty; then the rows alone decide.
    if any(map(is_open, History(deployment).decisions(subject))):
        message = f"a run of {subject} is still open after {WAIT_SECONDS} s; ask without --wait to see how far it is"
        raise CommandError(message)


def _busy(deployment: Deployment, queues: list[str]) -> bool:
    sqs = deployment.client("sqs")
    counts = (sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(IN_QUEUE))["Attributes"] for url in queues)
    return any(int(count) for attributes in counts for count in attributes.values())


def _not_run(deployment: Deployment, subject: str, paused: Sequence[str]) -> list[dict[str, str]]:
    """Return for each function what in its pattern the write of this object does not meet; first those it does."""
    event = _write_of(deployment, subject)
    if event is None:
        waits = f"; it may wait in the queue of what is paused: {', '.join(paused)}" if paused else ""
        message = f"nothing is known of {subject}: no decision, and no such object{waits}"
        raise CommandError(message)
    begun: list[dict[str, str]] = []
    kept: list[dict[str, str]] = []
    for spec in deployment.specs.values():
        wanted = catalog.resolve(dict(spec.trigger.pattern), deployment.names)
        fault = pattern.mismatch(wanted, event) if wanted else NO_PATTERN
        waits = PAUSED if spec.name in paused else ON_ITS_WAY
        (kept if fault else begun).append({"function": spec.name, "reason": fault or waits})
    return begun + kept


def _write_of(deployment: Deployment, subject: str) -> dict[str, Any] | None:
    """Return the event that S3 sends for the object as it is now; None where there is none."""
    bucket, _, key = subject.removeprefix("s3://").partition("/")
    if not subject.startswith("s3://") or not key:
        return None
    try:
        head = deployment.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError:
        return None
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket}, "object": {"key": key, "size": head["ContentLength"]}},
    }
