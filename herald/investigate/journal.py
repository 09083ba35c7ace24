"""Reads the events of the journal in a time range, oldest hour first, and sends them to a function again."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from herald.dead_letters.listing import is_about
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.deployment.queues import PER_CALL, Pace, post
from herald.errors import CommandError
from herald.progress import CountProgress, Progress

READERS: Final = 8  # objects that are read at a time: botocore keeps ten connections
FEW_HOURS: Final = timedelta(hours=3)  # are listed with a request for each ten minutes, eight at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event of the journal: the envelope from EventBridge, and the event that the runtime reads from it."""

    envelope: Mapping[str, Any]
    event: Event

    @property
    def body(self) -> str:
        """The body of an SQS message with the event."""
        return json.dumps(self.envelope, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A replay to one function; `anew` also runs the events that were processed before."""

    name: str
    function: str
    anew: bool = False

    def message(self, body: str) -> dict[str, Any]:
        """Return an SQS message with a body and the name of the replay."""
        text = json.dumps({"replay": self.name, "anew": self.anew})
        return {"MessageBody": body, "MessageAttributes": {ATTRIBUTE: {"DataType": "String", "StringValue": text}}}


def read(
    deployment: Deployment,
    start: datetime,
    end: datetime,
    subject: str | None = None,
    progress: Progress | None = None,
) -> Iterator[Entry]:
    """Yield each event from `start` to before `end` once; CommandError: `start` is not before `end`.

    Memory holds the ids of the events, not the events. `progress` receives a line for each unreadable event.
    """
    if start >= end:
        raise CommandError(
            f"the time range from {start.isoformat()} to {end.isoformat()} is empty: --from must be before --to"
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
                progress(_unreadable(envelope, error))
            continue
        if is_about(event.subject, subject):
            yield Entry(envelope=envelope, event=event)


def _unreadable(envelope: Mapping[str, Any], error: EnvelopeError) -> str:
    return f"{envelope['time']}  {envelope.get('detail-type')}  {envelope['id']}: no function can read it: {error}"


def newest(deployment: Deployment, keys: Sequence[str], subject: str, event_id: str | None = None) -> Entry | None:
    """Return the last event of a subject, or its event with an id, from the newest object that has one; None: no event.

    `*` has no special meaning here. Objects with a filter in their names that excludes the subject are not read.
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
    except EnvelopeError:  # an empty line is not an event either
        return None
    return Entry(envelope=json.loads(line), event=event)


def wanted_by(deployment: Deployment, function: str, entries: Iterator[Entry]) -> Iterator[Entry]:
    """Yield the entries that the pattern of a function matches."""
    wanted = functions.pattern(deployment, function)
    return (entry for entry in entries if pattern.matches(wanted, entry.envelope))


def replay(deployment: Deployment, how: Replay, entries: Iterator[Entry], pace: Pace, progress: CountProgress) -> int:
    """Send events to the function of a replay; return how many. CommandError: SQS rejects a message."""
    sent = 0
    for group in batched(entries, PER_CALL, strict=False):
        pace.wait(len(group))
        deliver(deployment, how, [entry.body for entry in group])
        sent += len(group)
        progress(len(group))
    return sent


def deliver(deployment: Deployment, how: Replay, bodies: Sequence[str]) -> None:
    """Send message bodies to the queue of the function; CommandError: SQS rejects a message."""
    url = deployment.queues[how.function]["queue"]
    accepted = post(deployment.client("sqs"), url, [how.message(body) for body in bodies])
    if len(accepted) < len(bodies):
        raise CommandError(
            f"SQS accepted {len(accepted)} of {len(bodies)} messages of {how.name}: run the command again "
            f"(`herald replay` with --name {how.name})"
        )


def check_age(deployment: Deployment, how: Replay, start: datetime) -> None:
    """Raise CommandError for a replay without --new of events that are older than the ledger's rows."""
    kept = functions.ledger_retention(deployment, how.function)
    if not how.anew and datetime.now(UTC) - start > kept:
        raise CommandError(
            f"the ledger keeps rows for {kept.days} days, so older events would run again as new events: "
            "use --new to allow that, or a later --from"
        )


def listed(deployment: Deployment, start: datetime, end: datetime) -> list[str]:
    """Return the keys of all objects from the hour of `start` to the hour of `end`, in the order of time."""
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
    """Yield the keys of objects that may hold events of a subject; None selects all keys."""
    return (key for key in keys if subject is None or not subject_filter.excludes(_filter(key), subject))


def _filter(key: str) -> str:
    """Return the subject filter in a key; empty for objects of older versions, which have no filter."""
    return key.partition(".")[2].rpartition(".")[0]


def _contents(deployment: Deployment, keys: Iterable[str]) -> Iterator[str]:
    """Yield the contents of objects in the order of their keys; read several in parallel."""
    s3, bucket = deployment.client("s3"), deployment.outputs["BucketJournal"]

    def content(key: str) -> str:
        text: str = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        return text

    with ThreadPoolExecutor(READERS) as pool:
        for group in batched(keys, READERS, strict=False):
            yield from pool.map(content, group)


def _lines(deployment: Deployment, keys: Iterable[str]) -> Iterator[str]:
    for content in _contents(deployment, keys):
        # `splitlines` would also split at U+2028, which may occur inside a line of JSON.
        yield from (line for line in content.split("\n") if line)


def _hour(when: datetime) -> str:
    """Return the prefix of the keys of an hour."""
    date, _, time = when.astimezone(UTC).isoformat().partition("T")
    return f"events/{date.replace('-', '/')}/{time[:2]}/"
