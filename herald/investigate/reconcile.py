"""Compares the events of the journal and the current objects with the ledger's rows, and repairs the differences."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import batched
from typing import Any, Final

from functions.runtime.core.event import Event
from functions.runtime.core.s3_uri import S3Uri
from functions.runtime.envelopes.envelope import parse
from functions.runtime.ledger.run_key import RunKey
from functions.runtime.ledger.run_state import RunState
from functions.runtime.patterns import pattern
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.deployment.queues import PER_CALL, count
from herald.investigate import current_objects, journal
from herald.investigate.history import History
from herald.investigate.journal import Replay
from herald.investigate.outcomes import outcomes
from herald.progress import CountProgress
from infra.flow.routing import is_journalled

PER_READ: Final = 50  # events per BatchGetItem, which reads 100 keys: the run's row and the subject's row of each event


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One event that is not processed: its state, its decision, and the message body that delivers it again."""

    event: Event
    state: RunState
    decision: str | None
    body: str

    def describe(self) -> dict[str, Any]:
        """Return it as `--json` prints it."""
        event = self.event
        return {
            "subject": event.subject,
            "event_id": event.id,
            "time": event.time,
            "version": event.object.version_id if event.object else None,
            "state": self.state,
            "decision": self.decision,
        }


@dataclass
class Reconciliation:
    """Compares the events and objects of one function with its rows; `findings` are the events not processed."""

    deployment: Deployment
    function: str
    silence: timedelta  # an open run without changes for this long is stuck: its worker has ended
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    forgotten: int = 0  # objects that are older than the ledger's rows, so that their decisions are unknown
    _seen: dict[str, set[str | None]] = field(default_factory=dict)

    def run(self, since: datetime, progress: CountProgress) -> None:
        """Compare the events of the journal since a time, and then the objects without an event in the journal."""
        end = datetime.now(UTC) + timedelta(minutes=1)
        entries = journal.wanted_by(self.deployment, self.function, journal.read(self.deployment, since, end))
        for group in batched(entries, PER_READ, strict=False):
            # S3 may send two events, with different ids of EventBridge, for one write: both have the same id here.
            new = {entry.event.id: entry for entry in group if self._is_new(entry.event)}
            self._judge([(entry.event, entry.body) for entry in new.values()])
            progress(len(group))
        known_since = datetime.now(UTC) - functions.ledger_retention(self.deployment, self.function)
        for objects in batched(self._unannounced(known_since), PER_READ, strict=False):
            self._judge(objects)
            progress(len(objects))

    def repair(self, progress: CountProgress) -> int:
        """Deliver missing and stuck events again; return how many. Events processed meanwhile become duplicates."""
        name = f"reconcile-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        how = Replay(name=name, function=self.function)
        bodies = [finding.body for finding in self.findings if finding.state in {RunState.MISSING, RunState.STUCK}]
        for group in batched(bodies, PER_CALL, strict=False):
            journal.deliver(self.deployment, how, group)
            progress(len(group))
        return len(bodies)

    def describe(self) -> dict[str, Any]:
        """Return the result as `--json` prints it."""
        states = {state: self.counts[state] for state in RunState}
        waiting = count(self.deployment.client("sqs"), self.deployment.queues[self.function]["queue"])
        findings = [finding.describe() for finding in self.findings]
        total = {"function": self.function, "events": sum(states.values())}
        return total | states | {"forgotten": self.forgotten, "waiting_in_queue": waiting, "findings": findings}

    def _is_new(self, event: Event) -> bool:
        known = self._seen.setdefault(event.subject, set())
        fresh = event.id not in known
        # The version identifies the current object, which may have several events.
        known |= {event.id, event.object.version_id if event.object else None}
        return fresh

    def _judge(self, events: Sequence[tuple[Event, str]]) -> None:
        """Read the rows of events, count the events by state, and add those not processed to the findings."""
        keys = [RunKey.of(event, self._first_name) for event, _ in events]
        for (event, body), found in zip(events, outcomes(self.deployment, keys, self.silence), strict=True):
            self.counts[found.state] += 1
            if found.state is not RunState.PROCESSED:
                self.findings.append(Finding(event=event, state=found.state, decision=found.decision, body=body))

    @cached_property
    def _pattern(self) -> Mapping[str, Any]:
        return functions.pattern(self.deployment, self.function)

    @property
    def _first_name(self) -> str:
        return functions.find(self.deployment, self.function).first_name

    def _unannounced(self, known_since: datetime) -> Iterator[tuple[Event, str]]:
        """Yield an event for each current object that the function wants and that has no event in the journal.

        Objects that are older than the ledger's rows may have been processed: they are only counted.
        """
        for bucket, prefix in current_objects.places(self._pattern):
            pages = self.deployment.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for item in (item for page in pages for item in page.get("Contents", [])):
                subject = str(S3Uri(bucket, item["Key"]))
                if subject in self._seen and None in self._seen[subject]:
                    continue  # its events have no version, as on the local AWS: the newest event is the current object
                if item["LastModified"] < known_since:
                    self.forgotten += current_objects.matches(self._pattern, bucket, item)
                    continue
                found = self._as_event(bucket, item["Key"])
                if found and found[0].object and found[0].object.version_id not in self._seen.get(subject, set()):
                    yield found

    def _as_event(self, bucket: str, key: str) -> tuple[Event, str] | None:
        """Return the event that S3 sends for the current object, and its body; None: not wanted, or decided before."""
        head = self.deployment.client("s3").head_object(Bucket=bucket, Key=key)
        version, etag = current_objects.version_of(head), current_objects.etag_of(head)
        sequencer = self._sequencer(str(S3Uri(bucket, key)), version, etag)
        if sequencer is None:
            return None
        region = self.deployment.session.region_name
        envelope = current_objects.envelope(bucket, key, head, sequencer, region)
        body = json.dumps(envelope, ensure_ascii=False)
        return (parse(body), body) if pattern.matches(self._pattern, envelope) else None

    def _sequencer(self, subject: str, version: str | None, etag: str) -> str | None:
        """Return a sequencer for an object without an event: after all decided events, before all future ones.

        None: the ledger has a decision about this content.
        """
        rows = [row for row in History(self.deployment).rows(subject) if row["sk"].startswith(f"{self._first_name}#")]
        if version is None and any(row["facts"].get("etag") == etag for row in rows):
            return None
        known = [row["facts"]["sequence"] for row in rows if row["facts"].get("version") == version]
        ranks = [row["facts"]["sequence"].lower().ljust(32, "0") for row in rows if "sequence" in row["facts"]]
        return known[0] if known and version else f"{max(ranks, default='0' * 32)}1"


def comparable(deployment: Deployment) -> tuple[list[str], list[str]]:
    """Return the deployed functions that the journal can be compared with, and the others."""
    specs = [deployment.specs[name] for name in sorted(deployment.specs.keys() & deployment.queues)]
    compared = [spec.name for spec in specs if spec.trigger.pattern and is_journalled(spec)]
    return compared, [spec.name for spec in specs if spec.name not in compared]
