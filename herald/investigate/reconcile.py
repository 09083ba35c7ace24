"""Compares what happened with what was decided: current objects and journalled events against the ledger's rows."""

import json
import uuid
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
from functions.runtime.ledger import statements
from functions.runtime.ledger.claims import BURIED, ClaimRequest, RunKey
from functions.runtime.patterns import pattern
from herald.deployment.deployment import Deployment
from herald.deployment.queues import PER_CALL, Progress, count
from herald.investigate import journal
from herald.investigate.history import History
from herald.investigate.journal import Replay
from infra.flow.routing import WRITTEN

PER_READ: Final = 50  # events a BatchGetItem of 100 keys looks up: a run's row, and its subject's newest
MISSING, STUCK, DEAD, OPEN, PROCESSED = "missing", "stuck", "dead", "open", "processed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One event that a function should have decided, how far it is, and the body that would bring it again."""

    event: Event
    state: str
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
        bodies = [finding.body for finding in self.findings if finding.state in {MISSING, STUCK}]
        for group in batched(bodies, PER_CALL, strict=False):
            journal.deliver(self.deployment, how, group)
            progress(len(group))
        return len(bodies)

    def describe(self) -> dict[str, Any]:
        """Return everything, as `--json` prints it."""
        states = {state: self.counts[state] for state in (PROCESSED, OPEN, MISSING, STUCK, DEAD)}
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
        requests = [self._request(event) for event, _ in events]
        keys = [key for request in requests for key in _keys(request)]
        unique = [dict(pair) for pair in {tuple(key.items()) for key in keys}]
        client, table = self.deployment.client("dynamodb"), self.deployment.outputs["Ledger"]
        rows = statements.get(client, table, unique)
        for (event, body), request in zip(events, requests, strict=True):
            run, newest = (rows.get((key["pk"], key["sk"])) for key in _keys(request))
            state = _state(request, run, newest, self.silence)
            self.counts[state] += 1
            if state != PROCESSED:
                decision = run["decision"] if run else None
                self.findings.append(Finding(event=event, state=state, decision=decision, body=body))

    def _request(self, event: Event) -> ClaimRequest:
        key = RunKey.of(event, self._first_name)
        return ClaimRequest(key=key, holder="", payload_digest=event.payload_digest, sort_key=event.sort_key)

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
                subject = str(S3Uri(bucket, item["Key"]))
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
        sequencer = self._sequencer(str(S3Uri(bucket, key)), version.get("version-id"), made["etag"])
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


def _keys(request: ClaimRequest) -> list[dict[str, str]]:
    return [{"pk": request.key.subject, "sk": sk} for sk in (request.key.sk, request.key.newest_sk)]


def _state(
    request: ClaimRequest, run: Mapping[str, Any] | None, newest: Mapping[str, Any] | None, silence: timedelta
) -> str:
    """Read how far an event is from its run's row, and from its subject's where there is an order."""
    if run is None or run["status"] == "INPROGRESS":
        if newest and newest.get("newest_processed_run") == request.key.sk:
            return PROCESSED
        begun = newest if newest and newest.get("newest_claimed_run") == request.key.sk else run
        return MISSING if begun is None else STUCK if _silent(begun) > silence else OPEN
    return DEAD if run["decision"] in BURIED else PROCESSED


def _silent(row: Mapping[str, Any]) -> timedelta:
    """Return how long ago the last that is known of an open run was."""
    last = max(int(row.get(name, 0)) for name in ("in_progress_expiration", "settled_at", "claimed_at"))
    return datetime.now(UTC) - datetime.fromtimestamp(last / 1000, UTC)
