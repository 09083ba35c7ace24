"""What a handler may do: read the object, write objects, emit events, publish notices, close buckets, keep state, log.

Objects are written at once; an attempt that writes what an earlier one wrote leaves it as it is. Events and notices
leave after the handler has returned, so that a handler that fails has told nobody.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import BufferedReader
from typing import Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from functions.runtime.core import aws, lineage, wakes
from functions.runtime.core.errors import Permanent, SettingsError
from functions.runtime.core.event import Event, Previous
from functions.runtime.core.lineage import Cause, Lineage
from functions.runtime.core.settings import declared, queue_settings, resource, settings
from functions.runtime.ledger.claims import Claim
from functions.runtime.ledger.ledger import ledger
from functions.runtime.run import effects, memory, objects
from functions.runtime.run.bucket_guard import BucketGuard

STATE_LIMIT_BYTES: Final = 4_096  # it is written with every run of the subject


class Run:
    """One attempt of one function at one event.

    `key` is the same in every attempt: other services take it as an idempotency key. `previous` is the event of this
    subject that was processed last and `state` a small JSON object that is kept from run to run, both only with
    `order = "newest"`. `effects` lists the effects in their order, `kept_state` is the state that the ledger will keep,
    `put_events_entries` are the events that leave with those of the whole batch, and `asked` is the wake that leaves
    after them.
    """

    def __init__(self, event: Event, claim: Claim, log: Logger) -> None:
        """Begin an attempt; its lineage is the event's until an object that a run wrote tells more."""
        self.log = log
        self.key = claim.key.digest
        self.previous = Previous.of(claim.previous, event) if claim.previous else None
        self.lineage = event.lineage
        self.effects: list[dict[str, Any]] = []
        self.event = event
        self._state = dict(claim.state)
        self.kept_state = "{}"
        self._repeated = claim.attempt > 1 or claim.generation > 0
        self._version = event.object.version_id if event.object else None
        # S3 events carry no lineage; until the object was asked, a chain through it would seem to begin here.
        self._lineage_known = event.object is None
        self._alike: dict[tuple[str, str], int] = {}
        self.put_events_entries: list[dict[str, str]] = []
        self._emitted: list[dict[str, Any]] = []
        self._notices: list[dict[str, Any]] = []
        self._claim = claim
        self.asked: wakes.Wake | None = None

    @property
    def state(self) -> dict[str, Any]:
        """What the last processed run of the subject kept; changes are kept if this run is processed."""
        if not settings().ordered:
            raise SettingsError("run.state needs order = 'newest' in [delivery] of function.toml")
        return self._state

    @staticmethod
    def settings[T](kind: type[T]) -> T:
        """Return [settings] of function.toml as the dataclass that the function gives; SettingsError names the key."""
        return declared(kind)

    @staticmethod
    def address(kind: str, name: str) -> str:
        """Return what AWS calls `<kind>.<name>` of [access]: a table's name, a topic's ARN, a queue's URL."""
        return resource(kind, name)

    @property
    def bucket_guard(self) -> BucketGuard:
        """The buckets that `close` in [access] names: how far one is open to the public, and closing it."""
        return BucketGuard.declared()

    def remember_first(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Keep what an act will hide, for the attempts to come; return what the first attempt kept."""
        return ledger().remember(self.key, seen)

    def read(self, event: Event | Previous) -> bytes:
        """Return the content of the event's object, or of that of `run.previous`, in the version the event names.

        An object with Content-Encoding gzip is unpacked. Permanent as `open`; the limit follows from the function's
        memory, so that it can parse whatever it reads.
        """
        with self._open(event, memory.check_size) as stream:
            return stream.read()

    def open(self, event: Event | Previous, *, limit_bytes: int) -> BufferedReader:
        """Return the event's object, in the version the event names, as a binary file that is read as it arrives.

        An object with Content-Encoding gzip is unpacked. Permanent when the event has no object, when the object is
        larger than the limit (before a byte is read), when it has another encoding, or when it was deleted in the
        meantime. Reading raises Transient where the object breaks off or is not whole, and Permanent where it is no
        gzip, or larger than the limit when unpacked.
        """
        return self._open(event, partial(objects.check_limit, limit_bytes=limit_bytes))

    def _open(self, event: Event | Previous, check_size: Callable[[str, int], None]) -> BufferedReader:
        reply = objects.get(event, check_size)
        if event is self.event:
            self._version = self._version or reply.get("VersionId")
            self._learn_lineage(reply["Metadata"])
        return objects.stream(event.subject, reply, check_size)

    def write(self, bucket: str, key: str, body: bytes, *, content_type: str) -> None:
        """Put an object into `bucket.<bucket>` of [access]; what an earlier attempt of this run put there stays."""
        name = resource("bucket", bucket)
        version = self._written(name, key, _digest(body)) if self._repeated else None
        if version is None:
            version = self._put(name, key, body, ContentType=content_type)
        self._wrote(name, key, version)

    def create(self, bucket: str, key: str, body: bytes, *, content_type: str) -> bool:
        """Put an object where there is none; return whether it is this run's, be it from an earlier attempt.

        Of all the runs that would create it, of whichever events, one does.
        """
        name = resource("bucket", bucket)
        try:
            version = self._put(name, key, body, ContentType=content_type, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            head = aws.s3().head_object(Bucket=name, Key=key)
            if head["Metadata"].get("run") != self.key:
                return False
            version = head.get("VersionId", "")
        self._wrote(name, key, version)
        return True

    def emit(self, event_type: str, data: Mapping[str, Any], *, subject: str) -> None:
        """Send a domain event of a declared type once the handler has returned; a repeat of the run repeats its id.

        UndeclaredError when [access] does not declare the type; Permanent when the data breaks its newest contract, or,
        with its size, when the bus would not take it.
        """
        ordinal = self._alike[event_type, subject] = self._alike.get((event_type, subject), -1) + 1
        identity = "\n".join((self.key, event_type, subject, str(ordinal)))
        cloud_event = effects.cloud_event(
            event_type,
            data,
            subject=subject,
            event_id=effects.derived_id(identity),
            lineage=self._lineage_of_effects(),
        )
        # A sequence orders the events of one source and subject: the cause's does so only for its own subject.
        if self.event.sort_key and subject == self.event.subject:
            place = sum(1 for each in self._emitted if each["subject"] == subject)
            # A wake has the rank of the event whose run asked for it: what it emits comes after what that run emitted.
            woken = f".w{self.event.time}" if self.event.woken else ""
            cloud_event["sequence"] = f"{self.event.sort_key}{woken}.{place:04}"
        self.put_events_entries.append(effects.entry(cloud_event))
        self._emitted.append({"kind": "event"} | {name: cloud_event[name] for name in ("type", "subject", "id")})

    def publish(self, topic: str, *, title: str, text: str) -> None:
        """Send a message to the readers of `topic.<topic>` of [access] once the handler has returned."""
        # The run and the ordinal make a notice of one run differ from the same words of another.
        notice = {"run": self.key, "ordinal": len(self._notices), "topic": resource("topic", topic)}
        self._notices.append(notice | {"title": title, "text": text})

    def wake(self, *, after: timedelta, data: Mapping[str, Any] | None = None) -> None:
        """Ask that the function runs again for this subject, so long after the event's time.

        It gets an event that is `woken` and has this data, unless a newer event of the subject was processed by then.
        A second call replaces the first. SettingsError without `wakes = true` in [delivery]; Permanent for more than
        14 days or 16 KiB.
        """
        if not queue_settings().wakes:
            raise SettingsError("run.wake needs wakes = true in [delivery] of function.toml")
        request = self._claim.request
        wake = wakes.ask(
            self.event,
            after=after,
            data=data or {},
            run=self.key,
            holder=request.holder,
            lineage=self._lineage_of_effects(),
        )
        carried = {"replay": request.replay, "anew": request.key.replay is not None}
        self.asked = replace(wake, carried=json.dumps(carried) if request.replay else "")

    def flush(self, context: LambdaContext) -> None:
        """Let the notices leave, and the events be caused; Permanent, before any is, when the state cannot be kept."""
        self.kept_state = self._state_text()
        for notice in self._notices:
            message_id = effects.send_notice(notice, context)
            self.effects.append({"kind": "notice", "subject": notice["topic"], "id": message_id})
        self.effects += [self.asked.effect | {"subject": self.event.subject}] if self.asked else []
        self.effects += self._emitted

    def _state_text(self) -> str:
        try:
            state = json.dumps(self._state)
        except (TypeError, ValueError) as error:
            raise Permanent(f"run.state is no JSON: {error}") from error
        if len(state) > STATE_LIMIT_BYTES:
            raise Permanent(f"run.state has {len(state):,} bytes, more than {STATE_LIMIT_BYTES:,}")
        return state

    def kept_event(self) -> dict[str, Any]:
        """Return what the ledger keeps of this event for the run that will have it as `previous`."""
        event = self.event
        kept: dict[str, Any] = {"id": event.id, "type": event.type, "time": event.time, "sequence": event.sequence}
        if event.object:
            kept |= {"version": self._version, "size": event.object.size, "etag": event.object.etag}
        return kept

    def _put(self, bucket: str, key: str, body: bytes, **options: str) -> str:
        """Put an object that says which run made it; return its version, "" where there are none."""
        metadata = lineage.to_metadata(self._lineage_of_effects()) | {"run": self.key, "sha256": _digest(body)}
        reply = aws.s3().put_object(Bucket=bucket, Key=key, Body=body, Metadata=metadata, **options)  # type: ignore[arg-type] # options are texts
        return reply.get("VersionId", "")

    def _wrote(self, bucket: str, key: str, version: str) -> None:
        self.effects.append({"kind": "object", "subject": f"s3://{bucket}/{key}", "version": version or None})

    def _written(self, bucket: str, key: str, digest: str) -> str | None:
        """Return the version that an earlier attempt of this run put there, None when it put nothing or else."""
        head = objects.head(bucket, key)
        if head is None or (head["Metadata"].get("run"), head["Metadata"].get("sha256")) != (self.key, digest):
            return None
        return head.get("VersionId", "")

    def _lineage_of_effects(self) -> Lineage:
        if not self._lineage_known and self.event.object:
            head = objects.head(self.event.object.bucket, self.event.object.key, self._version)
            self._learn_lineage(head["Metadata"] if head else {})
        cause = Cause(subject=self.event.subject, function=settings().function, event_id=self.event.id)
        return Lineage(
            correlation_id=self.lineage.correlation_id,
            cause=cause,
            depth=self.lineage.depth + 1,
            path=(*self.lineage.path, settings().function),
        )

    def _learn_lineage(self, metadata: Mapping[str, str]) -> None:
        self._lineage_known = True
        self.lineage = lineage.from_metadata(metadata) or self.lineage
        self.lineage.check_depth()


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
