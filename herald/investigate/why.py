"""Answers why: the decisions about a subject, and for the functions that did not run, what kept each from it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from functions.runtime.core.s3_uri import S3Uri
from herald.deployment.deployment import Deployment
from herald.deployment.queues import count
from herald.errors import CommandError
from herald.investigate import journal
from herald.investigate.consumers import PAUSED, Consumers
from herald.investigate.events import could_run, fault, write_of
from herald.investigate.history import Decision, History
from herald.investigate.waiting import could_wait
from infra.flow.routing import WRITTEN

JOURNAL: Final = timedelta(hours=1)  # what is read of it for an event that ran nothing
NO_PATTERN: Final = "no event of a bus runs it"


def why(deployment: Deployment, subject: str) -> dict[str, Any]:
    """Return the decisions about a subject, and where it has none, why no function ran.

    CommandError when there is neither a decision about it nor such an object.
    """
    decisions = History(deployment).decisions(subject)
    answer: dict[str, Any] = {"subject": subject, "decisions": decisions}
    consumers = Consumers(deployment)
    if not decisions:
        answer["not_run"] = _not_run(consumers, subject)
        waiting = [each["function"] for each in answer["not_run"] if each["reason"] == PAUSED]
    else:
        consumers.attach(decisions)
        answer["not_run"] = consumers.of_subject(subject, decisions)
        waiting = _waiting(deployment, subject, decisions, consumers.paused)
    return answer | ({"paused": waiting} if waiting else {})


def _waiting(deployment: Deployment, subject: str, decisions: Sequence[Decision], paused: Sequence[str]) -> list[str]:
    """Return the paused functions that may wait for something of the subject, or of what it led to."""
    if not paused:
        return []
    events = set(_led_to(subject, decisions))
    newest = None if S3Uri.parse(subject) else _told_of(deployment, subject)
    if newest:
        events.add((subject, newest["detail-type"]))
    specs = [deployment.specs[name] for name in paused if name in deployment.specs]
    return [spec.name for spec in specs if any(could_run(deployment, spec, *each) for each in events)]


def _led_to(subject: str, decisions: Sequence[Decision]) -> Iterator[tuple[str, str]]:
    """Yield subject and type of each event that was decided, and of those that the runs caused."""
    for decision in decisions:
        yield subject, decision["event_type"] or ""
        for effect in (each for each in decision["effects"] if each["kind"] not in {"notice", "wake"}):
            yield effect["subject"], effect.get("type", WRITTEN["detail-type"])
            yield from _led_to(effect["subject"], effect["decisions"])


def _not_run(consumers: Consumers, subject: str) -> list[dict[str, str]]:
    """Return for each function what in its pattern the event does not meet; first those it does.

    The event is the write of this object, or the newest of the subject that the journal has.
    """
    deployment = consumers.deployment
    event = write_of(deployment, subject) or _told_of(deployment, subject)
    if event is None:
        raise CommandError(_unknown(deployment, subject))
    begun: list[dict[str, str]] = []
    kept: list[dict[str, str]] = []
    for spec in deployment.specs.values():
        mismatch = fault(deployment, spec, event) if spec.trigger.pattern else NO_PATTERN
        reason = mismatch or consumers.reason(spec.name, datetime.fromisoformat(event["time"]))
        (kept if mismatch else begun).append({"function": spec.name, "reason": reason})
    return begun + kept


def _unknown(deployment: Deployment, subject: str) -> str:
    """Say that nothing is known of a subject, and in which queues an event of it may wait."""
    sqs = deployment.client("sqs")
    names = [name for name in could_wait(deployment, subject) if count(sqs, deployment.queues[name]["queue"])]
    waits = f"; it may be among what waits in the queues of {', '.join(names)}" if names else ""
    return (
        f"nothing is known of {subject}: no decision, no such object, and in the last hour no such event in the "
        f"journal{waits}"
    )


def _told_of(deployment: Deployment, subject: str) -> Mapping[str, Any] | None:
    """Return the newest event of a subject in the journal of this hour and the last; None where there is none."""
    now = datetime.now(UTC)
    newest = journal.newest(deployment, journal.listed(deployment, now - JOURNAL, now), subject)
    return newest.envelope if newest else None
