"""Doubles for handlers' tests."""

import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from functions.runtime import Event, Permanent
from functions.runtime.core.errors import UndeclaredError
from functions.runtime.core.settings import fitted
from functions.runtime.web import Answer
from infra.declarations import resources
from infra.declarations.loader import ROOT

# What the resources of infra/resources.toml are called in tests, for patterns and samples.
NAMES: Final = {
    name: each.name if each.kind == "bucket" else f"arn:{each.name}" for name, each in resources.load().items()
}

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from functions.runtime.core.event import Previous


class OpenBuckets:
    """Stands in for a BucketGuard: every bucket is covered and, unless it is told otherwise, wide open."""

    def __init__(self) -> None:
        """Find a bucket open; `seen` is None when it is gone, `outside` the names that are not covered."""
        self.seen: dict[str, Any] | None = {
            "blocks": {"BlockPublicAcls": False, "BlockPublicPolicy": True},
            "tags": {},
            "policy_public": True,
            "public_grants": ["READ to AllUsers"],
        }
        self.outside: set[str] = set()
        self.closed: list[str] = []

    def covers(self, bucket: str) -> bool:
        """Judge by the names that are outside."""
        return bucket not in self.outside

    def inspect(self, _bucket: str) -> dict[str, Any] | None:
        """Return what was given."""
        return self.seen

    def block_public_access(self, bucket: str) -> bool:
        """Remember which bucket was closed."""
        self.closed.append(bucket)
        return self.seen is not None


class RecordingLog:
    """Stands in for the Logger of a run: remembers the lines, whatever their level, without their fields."""

    def __init__(self) -> None:
        """Begin empty."""
        self.lines: list[str] = []

    def info(self, message: str, **_fields: object) -> None:
        """Remember a line."""
        self.lines.append(message)

    debug = warning = error = exception = info


class RecordingRun:
    """Stands in for a Run: reads what it was given and remembers what the handler did."""

    def __init__(self, content: bytes | None = None, *, settings: Mapping[str, Any] | None = None) -> None:
        """Read `content`, or refuse to read when there is none; `settings` replace those of function.toml."""
        self.log = RecordingLog()
        self.previous: Previous | None = None
        self.state: dict[str, Any] = {}
        self.bucket_guard = OpenBuckets()
        self.remembered: dict[str, Any] | None = None
        self.written: dict[tuple[str, str], bytes] = {}
        self.emitted: list[tuple[str, Mapping[str, Any]]] = []
        self.published: list[tuple[str, str, str]] = []
        self.asked: tuple[timedelta, Mapping[str, Any]] | None = None
        self._content = content
        self._settings = settings or {}

    def settings[T](self, kind: type[T]) -> T:
        """Return [settings] of the function.toml in whose folder the class is defined, as a worker has them."""
        return fitted(kind, {**_declared_beside(kind), **self._settings})

    @staticmethod
    def address(kind: str, name: str) -> str:
        """Return a name such as AWS has one for a resource."""
        return f"{name}-{kind}"

    def read(self, event: Event) -> bytes:
        """Return the object's content."""
        if self._content is None:
            raise Permanent(f"{event.type} has no object to read")
        return self._content

    def remember_first(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Return what was remembered first."""
        self.remembered = self.remembered or seen
        return self.remembered

    def open(self, event: Event, *, limit_bytes: int) -> io.BufferedReader:
        """Return the object's content as a binary file that can only be read forwards; hold it to the limit."""
        content = self.read(event)
        if len(content) > limit_bytes:
            raise Permanent(f"{event.subject} has {len(content):,} bytes, more than the limit of {limit_bytes:,}")
        return io.BufferedReader(_Forwards(content))

    def write(self, bucket: str, key: str, body: bytes, *, content_type: str) -> None:
        """Remember an object."""
        assert content_type
        self.written[bucket, key] = body

    def create(self, bucket: str, key: str, body: bytes, *, content_type: str) -> bool:
        """Remember an object, unless there is one."""
        if (bucket, key) in self.written:
            return False
        self.write(bucket, key, body, content_type=content_type)
        return True

    def emit(self, event_type: str, data: Mapping[str, Any], *, subject: str) -> None:
        """Remember an event."""
        assert subject
        self.emitted.append((event_type, data))

    def wake(self, *, after: timedelta, data: Mapping[str, Any] | None = None) -> None:
        """Remember the wake that was asked for last."""
        self.asked = (after, data or {})

    def publish(self, topic: str, *, title: str, text: str) -> None:
        """Remember a notice."""
        self.published.append((topic, title, text))


def _declared_beside(kind: type) -> dict[str, Any]:
    """Return [settings] of the function that a class belongs to; a class of a test belongs to none."""
    package, _, below = kind.__module__.partition(".")
    file = ROOT / "functions" / below.partition(".")[0] / "function.toml"
    if package != "functions" or not file.is_file():
        return {}
    said: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8")).get("settings", {})
    return said


class RecordingDesk:
    """Stands in for a WebContext: knows the secrets it was given and remembers what the handler did."""

    def __init__(self, secrets: Mapping[str, Any], emits: tuple[str, ...]) -> None:
        """Hold one JSON object for each secret, and let the handler emit those types."""
        self._emits = emits
        self.sender = ""
        self.emitted: list[tuple[str, Mapping[str, Any]]] = []
        self._secrets = secrets

    def note(self, **keys: str) -> None:
        """Write no log."""

    def secrets(self, name: str) -> Iterator[Any]:
        """Yield the one version there is."""
        yield self._secrets[name]

    def signed_by(self, sender: str, content: Mapping[str, Any]) -> None:
        """Remember whose key signed the request."""
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
        """Remember an event."""
        assert self.sender, "an event needs a sender"
        assert not isinstance(changing, str)
        assert subject
        assert delivery
        assert happened != ""
        if event_type not in self._emits:
            raise UndeclaredError(f"{event_type} is not declared")
        self.emitted.append((event_type, data))
        return Answer(status=HTTPStatus.ACCEPTED)


class _Forwards(io.RawIOBase):
    """A content that comes as from a socket: no place to seek to."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        return self._content.readinto(buffer)
