"""Compares what happened with what was decided: current objects and journalled events against the ledger's rows."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import batched
from typing import Any, Final, cast

from functions.runtime.core import clock
from functions.runtime.core.event import Event
from functions.runtime.envelopes.envelope import parse
from functions.runtime.ledger import statements
from functions.runtime.ledger.rows import NewestRow, Rows, RunRow
from functions.runtime.ledger.run_key import RunKey
from functions.runtime.ledger.run_state import RunState, run_state
from functions.runtime.patterns import pattern
from herald.deployment.deployment import Deployment
from herald.deployment.queues import PER_CALL, Progress, count
from herald.investigate import journal
from herald.investigate.history import History
from herald.investigate.journal import Replay
from infra.flow.routing import WRITTEN

PER_READ: Final = 50  # events per BatchGetItem, which takes 100 keys: the run's row and the newest row of each
MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One event that a function should have decided, how far it is, and the body that would bring it again."""

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
    """One function's events and objects beside its rows; `findings` are those that were not processed."""

    deployment: Deployment
    function: str
    silence: timedelta  # after it, nobody works on a run that is open: whoever held it is gone
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    forgotten: int = 0  # objects that are older than what the ledger keeps, of which it cannot tell
    _seen: dict[str, set[str | None]] = field(default_factory=dict)

    def run(self, since: datetime, progress: Progress) -> None:
        """Compare the journal since a time, and then the objects that it does not tell of."""
        end = datetime.now(UTC) + timedelta(minutes=1)
        entries = journal.wanted_by(self.deployment, self.function, journal.read(self.deployment, since, end))
        for group in batched(entries, PER_READ, strict=False):
            # S3 may announce a write twice, under two ids of EventBridge: it is one event.
            new = {entry.event.id: entry for entry in group if self._is_new(entry.event)}
            self._judge([(entry.event, entry.body) for entry in new.values()])
            progress(len(group))
        known_since = datetime.now(UTC) - self.deployment.kept(self.function)
        for objects in batched(self._unannounced(known_since), PER_READ, strict=False):
            self._judge(objects)
            progress(len(objects))

    def repair(self, progress: Progress) -> int:
        """Deliver what is missing or stuck; return how many. What did run meanwhile will be a duplicate."""
        name = f"reconcile-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        how = Replay(name=name, function=self.function)
        bodies = [finding.body for finding in self.findings if finding.state in {RunState.MISSING, RunState.STUCK}]
        for group in batched(bodies, PER_CALL, strict=False):
            journal.deliver(self.deployment, how, group)
            progress(len(group))
        return len(bodies)

    def describe(self) -> dict[str, Any]:
        """Return everything, as `--json` prints it."""
        states = {state.value: self.counts[state] for state in RunState}
        waiting = count(self.deployment.client("sqs"), self.deployment.queues[self.function]["queue"])
        findings = [finding.describe() for finding in self.findings]
        total = {"function": self.function, "events": sum(states.values())}
        return total | states | {"forgotten": self.forgotten, "waiting_in_queue": waiting, "findings": findings}

    def _is_new(self, event: Event) -> bool:
        known = self._seen.setdefault(event.subject, set())
        fresh = event.id not in known
        # A later event of the same object knows what is current; the version tells which it is.
        known |= {event.id, event.object.version_id if event.object else None}
        return fresh

    def _judge(self, events: Sequence[tuple[Event, str]]) -> None:
        """Look up the rows of events and file each under its state."""
        keys = [RunKey.of(event, self._first_name) for event, _ in events]
        unique = {(key.subject, sk) for key in keys for sk in (key.sk, key.newest_sk)}
        client, table = self.deployment.client("dynamodb"), self.deployment.outputs["Ledger"]
        found = statements.get(client, table, [{"pk": pk, "sk": sk} for pk, sk in unique])
        for (event, body), key in zip(events, keys, strict=True):
            run = cast("RunRow | None", found.get((key.subject, key.sk)))
            newest = cast("NewestRow | None", found.get((key.subject, key.newest_sk)))
            state = run_state(key, Rows(run=run, newest=newest), clock.now_ms(), self.silence // MILLISECOND)
            self.counts[state] += 1
            if state is not RunState.PROCESSED:
                decision = run["decision"] if run else None
                self.findings.append(Finding(event=event, state=state, decision=decision, body=body))

    @cached_property
    def _pattern(self) -> Mapping[str, Any]:
        return self.deployment.pattern(self.function)

    @property
    def _first_name(self) -> str:
        return self.deployment.spec(self.function).first_name

    def _unannounced(self, known_since: datetime) -> Iterator[tuple[Event, str]]:
        """Yield the current objects that the function cares for and no journalled event speaks of.

        One that is older than the ledger's rows may have been processed long ago: it is counted and left alone.
        """
        for bucket, prefix in self._places():
            pages = self.deployment.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for item in (item for page in pages for item in page.get("Contents", [])):
                subject = f"s3://{bucket}/{item['Key']}"
                if subject in self._seen and None in self._seen[subject]:
                    continue  # its events name no version, as on the local AWS: the newest is the current one
                if item["LastModified"] < known_since:
                    self.forgotten += self._wants(bucket, item)
                    continue
                found = self._as_event(bucket, item["Key"])
                if found and found[0].object and found[0].object.version_id not in self._seen.get(subject, set()):
                    yield found

    def _places(self) -> Iterator[tuple[str, str]]:
        """Yield the buckets of the pattern, with the prefix that all keys it matches begin with."""
        detail: Mapping[str, Any] = self._pattern.get("detail", {})
        keys = detail.get("object", {}).get("key", [])
        prefixes = [key["prefix"] for key in keys if isinstance(key, dict) and isinstance(key.get("prefix"), str)]
        prefix = prefixes[0] if len(prefixes) == len(keys) == 1 else ""
        for bucket in detail.get("bucket", {}).get("name", []):
            if isinstance(bucket, str):
                yield bucket, prefix

    def _wants(self, bucket: str, item: Mapping[str, Any]) -> bool:
        """Judge by what a listing tells whether the function cares for an object."""
        made = {"bucket": {"name": bucket}, "object": {"key": item["Key"], "size": item["Size"]}}
        return pattern.matches(self._pattern, {**WRITTEN, "detail": made})

    def _as_event(self, bucket: str, key: str) -> tuple[Event, str] | None:
        """Make the event of an object as it is now, as S3 would tell it; None where the function does not want it."""
        head = self.deployment.client("s3").head_object(Bucket=bucket, Key=key)
        made = {"key": key, "size": head["ContentLength"], "etag": head["ETag"].strip('"')}
        version = {} if head.get("VersionId") in {None, "null"} else {"version-id": head["VersionId"]}
        sequencer = self._sequencer(f"s3://{bucket}/{key}", version.get("version-id"), made["etag"])
        if sequencer is None:
            return None
        envelope = {
            "version": "0",
            "id": str(uuid.uuid4()),
            **WRITTEN,
            "time": head["LastModified"].astimezone(UTC).isoformat(),
            "region": self.deployment.session.region_name,
            "resources": [f"arn:aws:s3:::{bucket}"],
            "detail": {"bucket": {"name": bucket}, "object": made | version | {"sequencer": sequencer}},
        }
        body = json.dumps(envelope, ensure_ascii=False)
        return (parse(body), body) if pattern.matches(self._pattern, envelope) else None

    def _sequencer(self, subject: str, version: str | None, etag: str) -> str | None:
        """Return a sequencer for what only the bucket knows of: above all that was processed, below all to come.

        None where a row says that this very content was decided.
        """
        rows = [row for row in History(self.deployment).rows(subject) if row["sk"].startswith(f"{self._first_name}#")]
        if version is None and any(row["facts"].get("etag") == etag for row in rows):
            return None
        known = [row["facts"]["sequence"] for row in rows if row["facts"].get("version") == version]
        ranks = [row["facts"]["sequence"].lower().ljust(32, "0") for row in rows if "sequence" in row["facts"]]
        return known[0] if known and version else f"{max(ranks, default='0' * 32)}1"
