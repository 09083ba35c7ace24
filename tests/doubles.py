"""Test doubles for handlers: a run and a web context that record the calls of the handler."""

import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from functions.runtime import Event, Permanent, Run
from functions.runtime.core.errors import UndeclaredError
from functions.runtime.core.settings import fitted
from functions.runtime.run import contracts
from functions.runtime.sqs import BatchHandler
from functions.runtime.web import Answer, HttpHandler, Request, WebContext
from infra.declarations import resources
from infra.declarations.loader import ROOT

# The names of the resources of infra/resources.toml in tests, for patterns and samples.
NAMES: Final = {
    name: each.name if each.kind == "bucket" else f"arn:{each.name}" for name, each in resources.load().items()
}

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from functions.runtime.core.event import Previous


class Emitted(NamedTuple):
    """An event that a handler emitted."""

    type: str
    data: Mapping[str, Any]
    subject: str


class OpenBuckets:
    """Replaces BucketGuard. By default, it covers every bucket, and every bucket is open to the public."""

    def __init__(self) -> None:
        """Set `seen` to None for a deleted bucket; `outside` are the names that are not covered."""
        self.seen: dict[str, Any] | None = {
            "blocks": {"BlockPublicAcls": False, "BlockPublicPolicy": True},
            "tags": {},
            "policy_public": True,
            "public_grants": ["READ to AllUsers"],
        }
        self.outside: set[str] = set()
        self.closed: list[str] = []

    def covers(self, bucket: str) -> bool:
        """Return whether a name is not in `outside`."""
        return bucket not in self.outside

    def inspect(self, _bucket: str) -> dict[str, Any] | None:
        """Return `seen`."""
        return self.seen

    def block_public_access(self, bucket: str) -> bool:
        """Record the bucket."""
        self.closed.append(bucket)
        return self.seen is not None


class RecordingLog:
    """Replaces the Logger of a run. It records the messages of all levels, without their fields."""

    def __init__(self) -> None:
        """Start without lines."""
        self.lines: list[str] = []

    def info(self, message: str, **_fields: object) -> None:
        """Record a message."""
        self.lines.append(message)

    debug = warning = error = exception = info


class RecordingRun:
    """Replaces Run: it returns the given content and records the effects of the handler."""

    def __init__(self, content: bytes | None = None, *, settings: Mapping[str, Any] | None = None) -> None:
        """Return `content` from `read`, or raise Permanent without it; `settings` override those of function.toml."""
        self.log = RecordingLog()
        self.previous: Previous | None = None
        self.state: dict[str, Any] = {}
        self.bucket_guard = OpenBuckets()
        self.remembered: dict[str, Any] | None = None
        self.written: dict[tuple[str, str], bytes] = {}
        self.emitted: list[Emitted] = []
        self.published: list[tuple[str, str, str]] = []
        self.asked: tuple[timedelta, Mapping[str, Any]] | None = None
        self._content = content
        self._settings = settings or {}

    def settings[T](self, kind: type[T]) -> T:
        """Return [settings] of the function whose folder defines the class, as the worker does."""
        return fitted(kind, {**_declared_beside(kind), **self._settings})

    @staticmethod
    def address(kind: str, name: str) -> str:
        """Return a made-up name of a resource."""
        return f"{name}-{kind}"

    def read(self, event: "Event | Previous") -> bytes:
        """Return the object's content."""
        if self._content is None:
            raise Permanent(f"{event.type} has no object to read")
        return self._content

    def remember_first(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Return the value of the first call."""
        self.remembered = self.remembered or seen
        return self.remembered

    def open(self, event: "Event | Previous", *, limit_bytes: int) -> io.BufferedReader:
        """Return the object's content as a stream that cannot seek; Permanent when it is over the limit."""
        content = self.read(event)
        if len(content) > limit_bytes:
            raise Permanent(f"{event.subject} has {len(content):,} bytes, more than the limit of {limit_bytes:,}")
        return io.BufferedReader(_Forwards(content))

    def write(self, bucket: str, key: str, body: bytes, *, content_type: str) -> None:
        """Record an object."""
        assert content_type
        self.written[bucket, key] = body

    def create(self, bucket: str, key: str, body: bytes, *, content_type: str) -> bool:
        """Record an object, unless the key exists."""
        if (bucket, key) in self.written:
            return False
        self.write(bucket, key, body, content_type=content_type)
        return True

    def emit(self, event_type: str, data: Mapping[str, Any], *, subject: str) -> None:
        """Record an event."""
        assert subject
        self.emitted.append(Emitted(event_type, data, subject))

    def wake(self, *, after: timedelta, data: Mapping[str, Any] | None = None) -> None:
        """Record the last wake."""
        self.asked = (after, data or {})

    def publish(self, topic: str, *, title: str, text: str) -> None:
        """Record a notice."""
        self.published.append((topic, title, text))


def _declared_beside(kind: type) -> dict[str, Any]:
    """Return [settings] of the function whose folder defines the class, none for a class of a test."""
    package, _, below = kind.__module__.partition(".")
    file = ROOT / "functions" / below.partition(".")[0] / "function.toml"
    if package != "functions" or not file.is_file():
        return {}
    declared: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8")).get("settings", {})
    return declared


class RecordingWebContext:
    """Replaces WebContext: it returns the given secrets and records the events of the handler."""

    def __init__(self, secrets: Mapping[str, Any], emits: tuple[str, ...]) -> None:
        """Return one JSON object per secret; the handler may emit the types of `emits`."""
        self._emits = emits
        self.sender = ""
        self.emitted: list[Emitted] = []
        self._secrets = secrets

    def note(self, **keys: str) -> None:
        """Ignore log fields."""

    def secrets(self, name: str) -> Iterator[Any]:
        """Yield the only version."""
        yield self._secrets[name]

    def signed_by(self, sender: str, content: Mapping[str, Any]) -> None:
        """Record the sender of the request."""
        assert content
        self.sender = sender

    def emit(
        self,
        event_type: str,
        data: Mapping[str, Any],
        *,
        subject: str,
        delivery: str,
        happened: str | None = None,
        changing: Sequence[str] = (),
    ) -> Answer:
        """Record an event."""
        assert self.sender, "the handler must call verify() first"
        assert not isinstance(changing, str)
        assert subject
        assert delivery
        assert happened != ""
        if event_type not in self._emits:
            raise UndeclaredError(f"{event_type} is not declared")
        self.emitted.append(Emitted(event_type, data, subject))
        return Answer(status=HTTPStatus.ACCEPTED)


def run_handler(handle: BatchHandler, event: Event, run: RecordingRun) -> None:
    """Run a handler as a worker does: the event is checked against its contract first."""
    contracts.accept(event)
    handle.handler(event, cast("Run", run))


def answer_request(handle: HttpHandler, request: Request, web: RecordingWebContext) -> Answer:
    """Return a handler's answer to a request."""
    return handle.handler(request, cast("WebContext", web))


class _Forwards(io.RawIOBase):
    """Content that can only be read forward, as from a socket."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        return self._content.readinto(buffer)
