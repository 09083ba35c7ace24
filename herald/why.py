"""Answers why: the decisions about a subject, and for the functions that did not run, what kept each from it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from functions.runtime import iot
from herald import emulator, journal
from herald.deployment import Deployment
from herald.errors import CommandError
from herald.history import Decision, History, is_open
from herald.queues import count
from herald.render import counted
from infra import pattern
from infra.contracts import EVENT_TYPE
from infra.reach import WRITTEN, could_match
from infra.spec import FunctionSpec

# How long an event may be on its way where no queue shows it yet: between the bus and a queue. EventBridge takes
# 0.4 s in 99 of 100 cases; the emulator takes none that can be measured.
TRANSIT_SECONDS: Final = {"local": 0.5, "aws": 5.0}
WAIT_SECONDS: Final = 120
JOURNAL: Final = timedelta(hours=1)  # what is read of it for an event that ran nothing
ON_ITS_WAY: Final = "its pattern matches, but no run has begun: the event may still be on its way"
PAUSED: Final = "it is paused: the event waits in its queue"
NOT_DEPLOYED: Final = "its pattern matches, but it is not deployed"
NO_PATTERN: Final = "no event of a bus runs it"


def why(deployment: Deployment, subject: str) -> dict[str, Any]:
    """Return the decisions about a subject, and where it has none, why no function ran.

    CommandError when there is neither a decision about it nor such an object.
    """
    decisions = History(deployment).decisions(subject)
    answer: dict[str, Any] = {"subject": subject, "decisions": decisions}
    paused = deployment.paused
    if not decisions:
        answer["not_run"] = _not_run(deployment, subject, paused)
        waiting = [each["function"] for each in answer["not_run"] if each["reason"] == PAUSED]
    else:
        waiting = _waiting(deployment, subject, decisions, paused)
    return answer | ({"paused": waiting} if waiting else {})


def wait(deployment: Deployment, subject: str) -> None:
    """Return when no run of the subject is open; CommandError when one still is after two minutes.

    An event that is still on its way has no row: a run counts as open while any function's queue holds a message,
    and all must have been quiet for as long as an event may take from the bus to a queue.
    """
    transit = TRANSIT_SECONDS["local" if deployment.endpoint else "aws"]
    # What is paused, or was left behind by a function that is gone, waits for a person, for whom nobody else waits.
    queues = [deployment.queues[name]["queue"] for name in deployment.running]
    sqs, quiet_since = deployment.client("sqs"), time.monotonic()

    def settled() -> bool:
        nonlocal quiet_since
        busy = any(count(sqs, url) for url in queues)
        if busy or any(map(is_open, History(deployment).decisions(subject))):
            quiet_since = time.monotonic()
        return time.monotonic() - quiet_since >= transit

    emulator.wait_until(settled, WAIT_SECONDS, every=transit / 10)
    # Queues of a busy installation are never all empty; then the rows alone decide.
    if any(map(is_open, History(deployment).decisions(subject))):
        message = f"a run of {subject} is still open after {WAIT_SECONDS} s; ask without --wait to see how far it is"
        raise CommandError(message)


def _waiting(deployment: Deployment, subject: str, decisions: Sequence[Decision], paused: Sequence[str]) -> list[str]:
    """Return the paused functions that may wait for something of the subject, or of what it led to."""
    if not paused:
        return []
    events = set(_led_to(subject, decisions))
    newest = None if subject.startswith("s3://") else _told_of(deployment, subject)
    if newest:
        events.add((subject, newest["detail-type"]))
    specs = [deployment.specs[name] for name in paused if name in deployment.specs]
    return [spec.name for spec in specs if any(_could_run(deployment, spec, *each) for each in events)]


def _could_run(deployment: Deployment, spec: FunctionSpec, subject: str, event_type: str) -> bool:
    if event_type == iot.TYPE:
        return spec.trigger.iot is not None
    if not spec.buses or (EVENT_TYPE.fullmatch(event_type) and "herald" not in spec.buses):
        return False
    try:
        return could_match(deployment.resolved(spec), subject, event_type)
    except CommandError:
        return True  # what is deployed has another pattern, of which nothing is known here


def _led_to(subject: str, decisions: Sequence[Decision]) -> Iterator[tuple[str, str]]:
    """Yield subject and type of each event that was decided, and of those that the runs caused."""
    for decision in decisions:
        yield subject, decision["event_type"] or ""
        for effect in (each for each in decision["effects"] if each["kind"] != "notice"):
            yield effect["subject"], effect.get("type", WRITTEN["detail-type"])
            yield from _led_to(effect["subject"], effect["decisions"])


def _not_run(deployment: Deployment, subject: str, paused: Sequence[str]) -> list[dict[str, str]]:
    """Return for each function what in its pattern the event does not meet; first those it does.

    The event is the write of this object, or the newest of the subject that the journal has.
    """
    event = _write_of(deployment, subject) or _told_of(deployment, subject)
    if event is None:
        sqs = deployment.client("sqs")
        queues = [name for name, each in deployment.queues.items() if count(sqs, each["queue"])]
        waits = f"; it may be among what waits in the queues of {', '.join(queues)}" if queues else ""
        message = (
            f"nothing is known of {subject}: no decision, no such object, and in the last hour no such event in the "
            f"journal{waits}"
        )
        raise CommandError(message)
    begun: list[dict[str, str]] = []
    kept: list[dict[str, str]] = []
    for spec in deployment.specs.values():
        fault = _fault(deployment, spec, event)
        reason = fault or _before_a_run(deployment, spec.name, paused)
        (kept if fault else begun).append({"function": spec.name, "reason": reason})
    return begun + kept


def _fault(deployment: Deployment, spec: FunctionSpec, event: Mapping[str, Any]) -> str | None:
    """Say what in a function's declaration keeps an event from it; None when nothing does."""
    if not spec.trigger.pattern:
        return NO_PATTERN
    try:
        return pattern.mismatch(deployment.resolved(spec), event)
    except CommandError as error:
        return str(error)


def _before_a_run(deployment: Deployment, function: str, paused: Sequence[str]) -> str:
    """Say how far an event can be that a function's pattern matches, and that has no row."""
    if function not in deployment.queues:
        return NOT_DEPLOYED
    if function in paused:
        return PAUSED
    held = count(deployment.client("sqs"), deployment.queues[function]["queue"])
    if not held:
        return ON_ITS_WAY
    turn = "one that waits for others, and " if deployment.specs[function].delivery.fair else ""
    return (
        f"its pattern matches, but no run has begun, and its queue holds {counted(held, 'message')}: {turn}a worker "
        f"that fails before it has a run, as when its code cannot be imported, is told in {deployment.log_of(function)}"
    )


def _write_of(deployment: Deployment, subject: str) -> Mapping[str, Any] | None:
    """Return the event that S3 sends for the object as it is now; None where there is none."""
    bucket, _, key = subject.removeprefix("s3://").partition("/")
    if not subject.startswith("s3://") or not key:
        return None
    try:
        head = deployment.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError:
        return None
    return {
        **WRITTEN,
        "detail": {"bucket": {"name": bucket}, "object": {"key": key, "size": head["ContentLength"]}},
    }


def _told_of(deployment: Deployment, subject: str) -> Mapping[str, Any] | None:
    """Return the newest event of a subject in the journal of the last hour; None where there is none."""
    now = datetime.now(UTC)
    newest = journal.newest(deployment, now - JOURNAL, now, subject)
    return newest.envelope if newest else None
