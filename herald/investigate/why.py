"""Answers `herald why`: the decisions about a subject, and for each function that did not run the reason."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from herald.deployment.deployment import Deployment
from herald.deployment.queues import count
from herald.errors import CommandError
from herald.explanation import not_run
from herald.explanation.newest_event import event_id_of, is_decided
from herald.investigate import journal
from herald.investigate.consumers import PAUSED, Consumers
from herald.investigate.events import could_run, effects_of, write_of
from herald.investigate.history import Decision, History
from herald.investigate.waiting import could_wait
from infra.flow.routing import WRITTEN

JOURNAL: Final = timedelta(hours=1)  # how far back the journal is searched for the newest event of a subject


def why(deployment: Deployment, subject: str, event_id: str | None = None, last: int | None = None) -> dict[str, Any]:
    """Return the decisions about a subject, or about one event of it, and why each other function did not run.

    `last` selects the decisions about the last events. If the newest event of the subject ran nothing, `newest_event`
    describes it, and `not_run` has all functions.

    CommandError: the subject has no decision, no object and no event in the journal.
    """
    history, consumers = History(deployment), Consumers(deployment)
    decisions = [each for each in history.decisions(subject) if _is_about(each, event_id)]
    shown = _last(decisions, last)
    answer: dict[str, Any] = {"subject": subject, "decisions": shown, "decisions_omitted": len(decisions) - len(shown)}
    event = None if event_id and decisions else _newest(deployment, subject)
    if event and not (decisions and is_decided(history.rows(subject), event)):
        answer["newest_event"] = {"type": event["detail-type"], "time": event["time"], "id": event_id_of(event)}
        answer["not_run"] = not_run.every(consumers, subject, event)
    elif decisions:
        answer["not_run"] = consumers.of_subject(subject, decisions)
    else:
        raise CommandError(_unknown(deployment, subject))
    consumers.attach(shown)
    waiting = {each["function"] for each in answer["not_run"] if each["reason"] == PAUSED}
    if decisions:
        waiting |= set(_waiting(deployment, subject, shown, event, consumers.paused))
    return answer | ({"paused": [name for name in deployment.specs if name in waiting]} if waiting else {})


def _is_about(decision: Decision, event_id: str | None) -> bool:
    """Return whether a decision, or one of a run that it caused, is about an event; None stands for any event."""
    caused = (below for _, effect in effects_of([decision]) for below in effect["decisions"])
    return event_id is None or event_id in {decision["event_id"], *(below["event_id"] for below in caused)}


def _last(decisions: Sequence[Decision], last: int | None) -> list[Decision]:
    """Return the decisions about the last events, oldest first; None selects all."""
    ids = list(dict.fromkeys(each["event_id"] for each in reversed(decisions)))[:last]
    return [each for each in decisions if each["event_id"] in ids]


def _waiting(
    deployment: Deployment,
    subject: str,
    decisions: Sequence[Decision],
    newest: Mapping[str, Any] | None,
    paused: Sequence[str],
) -> list[str]:
    """Return the paused functions with queues that may hold an event of the subject or of its runs."""
    if not paused:
        return []
    events = set(_events(subject, decisions)) | ({(subject, newest["detail-type"])} if newest else set())
    specs = [deployment.specs[name] for name in paused if name in deployment.specs]
    return [spec.name for spec in specs if any(could_run(deployment, spec, *each) for each in events)]


def _events(subject: str, decisions: Sequence[Decision]) -> Iterator[tuple[str, str]]:
    """Yield subject and type of each decided event, and of each event that a run caused."""
    for decision in decisions:
        yield subject, decision["event_type"] or ""
        for effect in (each for each in decision["effects"] if each["kind"] not in {"notice", "wake"}):
            yield effect["subject"], effect.get("type", WRITTEN["detail-type"])
            yield from _events(effect["subject"], effect["decisions"])


def _newest(deployment: Deployment, subject: str) -> Mapping[str, Any] | None:
    """Return the write of the current object, otherwise the newest event of the subject in the journal; None: none."""
    return write_of(deployment, subject) or _journalled(deployment, subject)


def _unknown(deployment: Deployment, subject: str) -> str:
    """Return an error message for an unknown subject, with the queues that may hold an event of it."""
    sqs = deployment.client("sqs")
    names = [name for name in could_wait(deployment, subject) if count(sqs, deployment.queues[name]["queue"])]
    queued = f"; the queues of these functions may hold its event: {', '.join(names)}" if names else ""
    return (
        f"nothing found for {subject}: no decision in the ledger, no such object in S3, and no such event in the "
        f"journal of the last hour{queued}"
    )


def _journalled(deployment: Deployment, subject: str) -> Mapping[str, Any] | None:
    """Return the newest event of a subject in the journal of this hour and the last; None: there is none."""
    now = datetime.now(UTC)
    newest = journal.newest(deployment, journal.listed(deployment, now - JOURNAL, now), subject)
    return newest.envelope if newest else None
