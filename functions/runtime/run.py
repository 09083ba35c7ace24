"""What a handler may do: read the object, write objects, emit events, publish notices, log.

Objects are written at once: a key written twice is still one object. Events and notices leave after the handler has
returned, so that a handler that fails has told nobody.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from functions.runtime import aws, effects, lineage
from functions.runtime.errors import Permanent
from functions.runtime.event import Event
from functions.runtime.ledger import RunKey
from functions.runtime.lineage import Cause, Lineage
from functions.runtime.settings import resource

READ_LIMIT_BYTES: Final = 64 * 1024 * 1024
GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})


class Run:
    """One attempt of one function at one event; `caused` lists its effects as they happen."""

    def __init__(self, event: Event, key: RunKey, log: Logger) -> None:
        """Begin an attempt; its lineage is the event's until an object that a run wrote tells more."""
        self.log = log
        self.lineage = event.lineage
        self.caused: list[dict[str, Any]] = []
        self._event = event
        self._key = key
        self._events: list[dict[str, Any]] = []
        self._notices: list[dict[str, Any]] = []

    def read(self, event: Event) -> bytes:
        """Return the content of the event's object, in the version the event names.

        Permanent when the event has no object, when the object has over 64 MiB (the event's word and S3's are both
        checked before a byte is read), or when it was deleted in the meantime.
        """
        if event.object is None:
            message = f"{event.type} has no object to read"
            raise Permanent(message)
        _check_size(event.subject, event.object.size)
        version = {"VersionId": event.object.version_id} if event.object.version_id else {}
        try:
            reply = aws.s3().get_object(Bucket=event.object.bucket, Key=event.object.key, **version)  # type: ignore[arg-type] # one optional keyword
        except ClientError as error:
            if error.response["Error"]["Code"] not in GONE:
                raise
            message = f"{event.subject} was deleted before it was read"
            raise Permanent(message) from error
        _check_size(event.subject, reply["ContentLength"])
        # S3 events carry no correlation; what a run wrote carries it as metadata.
        self.lineage = lineage.from_metadata(reply["Metadata"]) or self.lineage
        return reply["Body"].read()

    def write(self, bucket: str, key: str, body: bytes, *, content_type: str) -> None:
        """Put an object into `bucket.<bucket>` of [access]."""
        name = resource("bucket", bucket)
        metadata = lineage.to_metadata(self._lineage_of_effects())
        reply = aws.s3().put_object(Bucket=name, Key=key, Body=body, ContentType=content_type, Metadata=metadata)
        self.caused.append({"kind": "object", "subject": f"s3://{name}/{key}", "version": reply.get("VersionId")})

    def emit(self, event_type: str, data: Mapping[str, Any], *, subject: str) -> None:
        """Send a domain event of a declared type once the handler has returned; a repeat of the run repeats its id."""
        alike = sum(1 for event in self._events if (event["type"], event["subject"]) == (event_type, subject))
        identity = "\n".join((self._key.digest, event_type, subject, str(alike)))
        cloud_event = {
            "specversion": "1.0",
            "id": hashlib.sha256(identity.encode()).hexdigest()[:32],
            "source": f"herald.{self._key.function}",
            "type": event_type,
            "subject": subject,
            "time": datetime.now(UTC).isoformat(),
            "datacontenttype": "application/json",
            "data": dict(data),
            **lineage.to_extensions(self._lineage_of_effects()),
        }
        # A sequence orders the events of one source and subject: the cause's does so only for its own subject.
        if self._event.sequence and subject == self._event.subject:
            cloud_event["sequence"] = self._event.sequence
        self._events.append(cloud_event)

    def publish(self, topic: str, *, title: str, text: str) -> None:
        """Send a message to the readers of `topic.<topic>` of [access] once the handler has returned."""
        # The run and the ordinal make a notice of one run differ from the same words of another.
        notice = {"run": self._key.digest, "ordinal": len(self._notices), "topic": resource("topic", topic)}
        self._notices.append(notice | {"title": title, "text": text})

    def flush(self, context: LambdaContext) -> None:
        """Let the notices and the events leave."""
        for notice in self._notices:
            message_id = effects.send_notice(notice, context)
            self.caused.append({"kind": "notice", "subject": notice["topic"], "id": message_id})
        effects.put_events(self._events)
        self.caused += [
            {"kind": "event"} | {name: event[name] for name in ("type", "subject", "id")} for event in self._events
        ]

    def _lineage_of_effects(self) -> Lineage:
        cause = Cause(subject=self._event.subject, function=self._key.function, event_id=self._event.id)
        return Lineage(correlation_id=self.lineage.correlation_id, cause=cause, depth=self.lineage.depth + 1)


def _check_size(subject: str, size: int) -> None:
    if size > READ_LIMIT_BYTES:
        message = f"{subject} has {size:,} bytes, more than the {READ_LIMIT_BYTES:,} a function reads"
        raise Permanent(message)
