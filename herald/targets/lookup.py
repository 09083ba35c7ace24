"""Finds the subject and the event of what a person types: ids are looked up in the index of settled runs."""

from dataclasses import dataclass
from datetime import datetime

from herald.deployment.deployment import Deployment
from herald.deployment.short_names import ShortNames
from herald.errors import CommandError
from herald.investigate.history import History
from herald.investigate.settled_runs import Wanted, settled
from herald.progress import Progress
from herald.targets import pasted
from herald.targets.target import ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The subject that a person asks about, and the id of the event if one event is meant."""

    subject: str
    event_id: str | None = None


def find(deployment: Deployment, text: str, since: datetime, progress: Progress) -> Asked:
    """Return the subject of a text. `progress` receives how a text was understood that is not a subject.

    A word without `/` is a subject if the ledger has rows of it, otherwise the id of an event, otherwise a correlation
    id. The id of an event takes a query for each hour. A correlation id reads all runs since then, until one is found.

    CommandError: the text names a function, or nothing.
    """
    target = pasted.read(text, ShortNames.of(deployment))
    if target.function:
        raise CommandError(
            f"this names the function {target.function}, not an event: `herald runs --function {target.function}` "
            f"lists its runs. {ACCEPTED}"
        )
    if target.subject:
        return Asked(subject=target.subject, event_id=target.event_id)
    word = target.word or ""
    if History(deployment).rows(word):
        return Asked(subject=word)
    return _by_id(deployment, word, since, progress) or Asked(subject=word)


def subject_of(deployment: Deployment, text: str | None) -> str | None:
    """Return the subject of an option that selects by subject; a word is a subject there, never an id."""
    return pasted.subject(text, ShortNames.of(deployment)) if text else None


def _by_id(deployment: Deployment, word: str, since: datetime, progress: Progress) -> Asked | None:
    start = int(since.timestamp() * 1000)
    for kind, wanted in (("event id", Wanted(event_id=word)), ("correlation id", Wanted(correlation_id=word))):
        progress(f"searching {word} as {kind} in the runs since {since:%Y-%m-%d %H:%M} UTC")
        row = next(settled(deployment, wanted, start, 1), None)
        if row:
            asked = Asked(subject=row["pk"], event_id=row["facts"].get("id"))
            progress(f"{word} is the {kind} of a run on {ShortNames.of(deployment).short(asked.subject)}")
            return asked
    progress("no such run: --since searches further back, and events that ran no function have no run")
    return None
