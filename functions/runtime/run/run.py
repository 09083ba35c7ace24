"""The run: the handler reads objects, writes objects, emits events, publishes notices and keeps state through it.

Objects are written immediately. Events, notices and wakes are sent after the handler has returned, so a failed handler
has sent nothing.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from io import BufferedReader
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core.errors import SettingsError
from functions.runtime.core.event import Event, Previous
from functions.runtime.core.lineage import Lineage
from functions.runtime.core.settings import declared, resource, settings
from functions.runtime.ledger import kept
from functions.runtime.ledger.claims import Claim
from functions.runtime.ledger.ledger import ledger
from functions.runtime.run import memory, objects
from functions.runtime.run.bucket_guard import BucketGuard
from functions.runtime.run.event_emitter import EventEmitter
from functions.runtime.run.notices import send_notice
from functions.runtime.run.object_writer import ObjectWriter
from functions.runtime.run.run_lineage import RunLineage
from functions.runtime.run.wake_request import wake_request

if TYPE_CHECKING:
    from functions.runtime.core.wakes import Wake


class Run:
    """One attempt of one function to handle one event.

    `key` is the same in every attempt, so other services can use it as an idempotency key. With `order = "newest"`,
    `previous` is the last processed event of the subject, and `state` is a small JSON object that the ledger keeps from
    run to run. `effects` lists the effects in order, `kept_state` is the JSON of the state after `flush`, and `asked`
    is the wake that the run asked for.
    """

    def __init__(self, event: Event, claim: Claim, log: Logger) -> None:
        """Start an attempt with the claim of its run."""
        self.log = log
        self.key = claim.key.digest
        self.event = event
        self.previous = Previous.of(claim.previous, event) if claim.previous else None
        self.effects: list[dict[str, Any]] = []
        self.kept_state = "{}"
        self.asked: Wake | None = None
        self._claim = claim
        self._state = dict(claim.state)
        self._lineage = RunLineage(event)
        self._emitter = EventEmitter(event, self.key, self._lineage)
        self._notices: list[dict[str, Any]] = []

    @property
    def state(self) -> dict[str, Any]:
        """The state that the last processed run of the subject kept; changes are kept if this run is processed."""
        if not settings().ordered:
            raise SettingsError("run.state needs order = 'newest' in [delivery] of function.toml")
        return self._state

    @staticmethod
    def settings[T](kind: type[T]) -> T:
        """Return [settings] of function.toml as a dataclass of this class; SettingsError names a wrong key."""
        return declared(kind)

    @staticmethod
    def address(kind: str, name: str) -> str:
        """Return the address of `<kind>.<name>` in [access]: a table's name, a topic's ARN, a queue's URL."""
        return resource(kind, name)

    @property
    def bucket_guard(self) -> BucketGuard:
        """The guard for the buckets that `block_public` in [access] names; it inspects them and blocks access."""
        return BucketGuard.declared()

    def remember_first(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Keep a value for later attempts before an action changes what they see; return the first attempt's value."""
        return ledger().remember_first(self.key, seen)

    def read(self, event: Event | Previous) -> bytes:
        """Return the content of the object of the event, or of `run.previous`, in the version that the event names.

        Content with Content-Encoding gzip is decompressed. The size limit follows from the memory of the function, so
        that the content can be parsed. Permanent as for `open`.
        """
        with self._open(event, memory.check_size) as stream:
            return stream.read()

    def open(self, event: Event | Previous, *, limit_bytes: int) -> BufferedReader:
        """Return the object of the event, in the version that the event names, as a binary stream.

        Content with Content-Encoding gzip is decompressed. Permanent if the event has no object, if the object is
        larger than the limit, if it has another encoding, or if it was deleted. Reading raises Transient if the
        connection breaks or content is missing, and Permanent if the content is not gzip or is larger than the limit
        after decompression.
        """
        return self._open(event, partial(objects.check_limit, limit_bytes=limit_bytes))

    def _open(self, event: Event | Previous, check_size: Callable[[str, int], None]) -> BufferedReader:
        reply = objects.get(event, check_size)
        if event is self.event:
            self._lineage.read_object(reply.get("VersionId"), reply["Metadata"])
        return objects.stream(event.subject, reply, check_size)

    def write(self, bucket: str, key: str, body: bytes, *, content_type: str) -> None:
        """Put an object into `bucket.<bucket>` of [access], unless an earlier attempt put the same content."""
        self.effects.append(self._writer.write(bucket, key, body, content_type))

    def create(self, bucket: str, key: str, body: bytes, *, content_type: str) -> bool:
        """Put an object if the key does not exist; return whether this run put it, now or in an earlier attempt.

        If several runs create the same object, one of them does, even if they handle different events.
        """
        effect = self._writer.create(bucket, key, body, content_type)
        if effect:
            self.effects.append(effect)
        return effect is not None

    @property
    def _writer(self) -> ObjectWriter:
        repeated = self._claim.attempt > 1 or self._claim.generation > 0
        return ObjectWriter(self.key, self._lineage, repeated=repeated)

    def emit(self, event_type: str, data: Mapping[str, Any], *, subject: str) -> None:
        """Send a domain event after the handler has returned; a repeated attempt sends it with the same id.

        UndeclaredError if [access] does not declare the type; Permanent if the data does not match the newest contract
        of the type, or if the event is too large for the bus.
        """
        self._emitter.emit(event_type, data, subject)

    def publish(self, topic: str, *, title: str, text: str) -> None:
        """Send a message to the subscribers of `topic.<topic>` of [access] after the handler has returned."""
        # The run and the ordinal distinguish notices with the same text.
        notice = {"run": self.key, "ordinal": len(self._notices), "topic": resource("topic", topic)}
        self._notices.append(notice | {"title": title, "text": text})

    def wake(self, *, after: timedelta, data: Mapping[str, Any] | None = None) -> None:
        """Ask for another run of this function for the subject, `after` the time of the event.

        That run gets an event with `woken` and this data, unless a newer event of the subject is processed first. A
        second call replaces the first. SettingsError without `wakes = true` in [delivery]; Permanent if `after` is more
        than 14 days or the data more than 16 KiB.
        """
        self.asked = wake_request(self.event, self._claim, self._lineage.of_effects(), after, data or {})

    def flush(self, context: LambdaContext) -> None:
        """Send the notices and complete the effects; Permanent, before any is sent, if the state cannot be kept."""
        self.kept_state = kept.state_json(self._state)
        for notice in self._notices:
            message_id = send_notice(notice, context)
            self.effects.append({"kind": "notice", "subject": notice["topic"], "id": message_id})
        if self.asked:
            self.effects.append(self.asked.effect | {"subject": self.event.subject})
        self.effects += self._emitter.effects

    @property
    def lineage(self) -> Lineage:
        """The lineage of the run, as far as it is known."""
        return self._lineage.lineage

    @property
    def put_events_entries(self) -> list[dict[str, str]]:
        """The entries of PutEvents for the events; they are sent together with those of the whole batch."""
        return self._emitter.entries

    def kept_event(self) -> dict[str, Any]:
        """Return the fields of this event that the ledger keeps for `previous` of the next run."""
        return kept.event_fields(self.event, self._lineage.version)
