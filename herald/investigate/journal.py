"""The journal as people read it: every event between two times, oldest hour first; and its events, sent again."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched, takewhile
from typing import Any, Final

from functions.runtime.batch.carried import ATTRIBUTE
from functions.runtime.core import subject_filter
from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.event import Event
from functions.runtime.envelopes.envelope import parse
from functions.runtime.patterns import pattern
from herald.dead_letters.letters import is_about
from herald.deployment.deployment import Deployment
from herald.deployment.queues import PER_CALL, Pace, Progress, post
from herald.errors import CommandError

READERS: Final = 8  # objects that are read at a time: botocore keeps ten connections
FEW_HOURS: Final = timedelta(hours=3)  # are listed with a request for each ten minutes, eight at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event of the journal: as EventBridge brought it, and as the runtime reads it."""

    envelope: Mapping[str, Any]
    event: Event

    @property
    def body(self) -> str:
        """The message that brings it to a function again."""
        return json.dumps(self.envelope, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How events are sent again: under a name, to one function; `anew` runs again what was processed."""

    name: str
    function: str
    anew: bool = False

    def message(self, body: str) -> dict[str, Any]:
        """Return an SQS message with the name on it."""
        said = json.dumps({"replay": self.name, "anew": self.anew})
        return {"MessageBody": body, "MessageAttributes": {ATTRIBUTE: {"DataType": "String", "StringValue": said}}}


def read(
    deployment: Deployment,
    start: datetime,
    end: datetime,
    subject: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Iterator[Entry]:
    """Yield what happened from `start` to before `end`, each event once; CommandError when no time lies between.

    Memory holds the ids of the events, not the events. `tell` hears of those that no function could have run on.
    """
    if start >= end:
        raise CommandError(
            f"nothing lies between {start.isoformat()} and {end.isoformat()}: --from must be before --to"
        )
    seen: set[str] = set()
    exact = subject if subject and not subject.endswith("*") else None
    for line in _lines(deployment, _may_hold(listed(deployment, start, end), exact)):
        envelope = json.loads(line)
        if envelope["id"] in seen or not start <= datetime.fromisoformat(envelope["time"]) < end:
            continue
        seen.add(envelope["id"])
        try:
            event = parse(line)
        except EnvelopeError as error:
            if progress:
                words = f"{envelope['time']}  {envelope.get('detail-type')}  {envelope['id']}"
                progress(f"{words}: no function can read it: {error}")
            continue
        if is_about(event.subject, subject):
            yield Entry(envelope=envelope, event=event)


def newest(deployment: Deployment, keys: Sequence[str], subject: str, event_id: str | None = None) -> Entry | None:
    """Return the last event of a subject, or the one with an id, in the newest object that holds one; else None.

    No `*` is meant here. Of the other objects only those are read that their names do not exclude.
    """
    name = _last_part(subject)
    for content in _contents(deployment, _may_hold(reversed(keys), subject)):
        lines = (line for line in reversed(content.split("\n")) if name in line or "%" in line)
        for entry in map(_entry, lines):
            if entry and entry.event.subject == subject and event_id in {None, entry.event.id}:
                return entry
    return None


def _last_part(subject: str) -> str:
    """Return a text that is in each line with an event of a subject, to parse few lines; a line with `%` needs no such.

    envelope.py joins a subject of an event's texts with `/` and `#` alone, and reads `%` as escapes in one of them.
    """
    part = subject.rpartition("/")[2].rpartition("#")[2]
    return part if json.dumps(part) == f'"{part}"' else ""


def _entry(line: str) -> Entry | None:
    try:
        event = parse(line)
    except EnvelopeError:  # also of no line at all
        return None
    return Entry(envelope=json.loads(line), event=event)


def wanted_by(deployment: Deployment, function: str, entries: Iterator[Entry]) -> Iterator[Entry]:
    """Yield what the pattern of a function matches."""
    wanted = deployment.pattern(function)
    return (entry for entry in entries if pattern.matches(wanted, entry.envelope))


def replay(deployment: Deployment, how: Replay, entries: Iterator[Entry], pace: Pace, progress: Progress) -> int:
    """Send events to one function alone; return how many. CommandError names the first that SQS would not take."""
    sent = 0
    for group in batched(entries, PER_CALL, strict=False):
        pace.wait(len(group))
        deliver(deployment, how, [entry.body for entry in group])
        sent += len(group)
        progress(len(group))
    return sent


def deliver(deployment: Deployment, how: Replay, bodies: Sequence[str]) -> None:
    """Send bodies to the function's queue; CommandError when SQS does not take them all."""
    url = deployment.queues[how.function]["queue"]
    taken = post(deployment.client("sqs"), url, [how.message(body) for body in bodies])
    if len(taken) < len(bodies):
        raise CommandError(
            f"SQS took {len(taken)} of {len(bodies)} messages; the same command may be run again: replay {how.name}"
        )


def check_age(deployment: Deployment, how: Replay, start: datetime) -> None:
    """Refuse a plain replay of what the ledger may have forgotten: it would run again unseen."""
    kept = deployment.kept(how.function)
    if not how.anew and datetime.now(UTC) - start > kept:
        raise CommandError(
            f"the ledger keeps a row for {kept.days} days: what is older would run again as if it were new; "
            "say --new if that is meant, or a later --from"
        )


def listed(deployment: Deployment, start: datetime, end: datetime) -> list[str]:
    """Return the keys of all objects of the hours from one to another, in the order of time."""
    s3, bucket = deployment.client("s3"), deployment.outputs["BucketJournal"]
    first, last = _hour(start), f"{_hour(end)}~"  # `~` comes after all that a name may hold

    def keys(prefix: str) -> list[str]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, StartAfter=first)
        found = (item["Key"] for page in pages for item in page.get("Contents", []))
        return list(takewhile(lambda key: key <= last, found))

    with ThreadPoolExecutor(READERS) as pool:
        return [key for found in pool.map(keys, _prefixes(start, end)) for key in found]


def _prefixes(start: datetime, end: datetime) -> list[str]:
    """Return what the keys begin with, in their order: of a few hours one for each ten minutes, otherwise one."""
    if end - start > FEW_HOURS:
        return ["events/"]
    begin = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [begin + timedelta(hours=number) for number in range((end - begin) // timedelta(hours=1) + 1)]
    return [f"{_hour(when)}{when:%Y%m%dT%H}{tens}" for when in hours for tens in range(6)]


def _may_hold(keys: Iterable[str], subject: str | None) -> Iterator[str]:
    """Yield the keys of objects that may hold events of a subject, or of all where none is given."""
    return (key for key in keys if subject is None or not subject_filter.excludes(_filter(key), subject))


def _filter(key: str) -> str:
    """Return the filter of subjects in a key; no text where an older version wrote the object without one."""
    return key.partition(".")[2].rpartition(".")[0]


def _contents(deployment: Deployment, keys: Iterable[str]) -> Iterator[str]:
    """Yield the contents of objects in the order of their keys, and read a few ahead."""
    s3, bucket = deployment.client("s3"), deployment.outputs["BucketJournal"]

    def content(key: str) -> str:
        text: str = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        return text

    with ThreadPoolExecutor(READERS) as pool:
        for group in batched(keys, READERS, strict=False):
            yield from pool.map(content, group)


def _lines(deployment: Deployment, keys: Iterable[str]) -> Iterator[str]:
    for content in _contents(deployment, keys):
        # Not splitlines: an event's text may hold U+2028, which is no end of a line of JSON.
        yield from (line for line in content.split("\n") if line)


def _hour(when: datetime) -> str:
    """Return what the keys of an hour begin with."""
    date, _, time = when.astimezone(UTC).isoformat().partition("T")
    return f"events/{date.replace('-', '/')}/{time[:2]}/"
