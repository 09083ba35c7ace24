"""Doubles for handlers' tests."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from functions.runtime import Event, Permanent
from functions.runtime.settings import declared

if TYPE_CHECKING:
    from functions.runtime.event import Previous


class RecordingRun:
    """Stands in for a Run: reads what it was given and remembers what the handler did."""

    def __init__(self, content: bytes | None = None) -> None:
        """Read `content`, or refuse to read when there is none."""
        self.log = Logger(service="handler", level="CRITICAL")
        self.previous: Previous | None = None
        self.state: dict[str, Any] = {}
        self.written: dict[tuple[str, str], bytes] = {}
        self.emitted: list[tuple[str, Mapping[str, Any]]] = []
        self.published: list[tuple[str, str, str]] = []
        self._content = content

    @staticmethod
    def settings[T](kind: type[T]) -> T:
        """Return the settings as the environment says them."""
        return declared(kind)

    def read(self, event: Event) -> bytes:
        """Return the object's content."""
        if self._content is None:
            message = f"{event.type} has no object to read"
            raise Permanent(message)
        return self._content

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

    def publish(self, topic: str, *, title: str, text: str) -> None:
        """Remember a notice."""
        self.published.append((topic, title, text))
