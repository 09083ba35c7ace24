"""The event: something that happened, whatever envelope it came in."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from functions.runtime.core.errors import ContractError
from functions.runtime.core.lineage import Lineage

SEQUENCER_LENGTH: Final = 32  # S3's have 18 hexadecimal digits today
SCHEMA: Final = re.compile(r"herald:(?P<type>[^/]+)/(?P<major>[1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Object:
    """The object an S3 event is about; `size` in bytes, `version_id` None where the bucket has no versions."""

    bucket: str
    key: str
    version_id: str | None
    size: int
    etag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The event of the same subject that was processed last; `object` is its object, in the version that was read."""

    id: str
    type: str
    subject: str
    time: str
    sequence: str
    object: S3Object | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any], event: "Event") -> "Previous":
        """Read what the ledger kept of it; bucket and key are those of the subject, which they share."""
        old = None
        if "size" in kept:  # it had an object; a wake of the same subject has none
            bucket, _, key = event.subject.removeprefix("s3://").partition("/")
            size = int(kept["size"] or 0)
            old = S3Object(bucket=bucket, key=key, version_id=kept.get("version"), size=size, etag=kept.get("etag"))
        texts = {name: kept[name] for name in ("id", "type", "time", "sequence")}
        return cls(**texts, subject=event.subject, object=old)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened.

    `id` is unique within `source` and `subject`; `time` is ISO 8601; `sequence` orders the events of one subject as
    text; `data` is the CloudEvent's data, or the whole EventBridge detail; `schema` names the contract it keeps, as
    `herald:<type>/<version>`; `requester` and `source_ip` say who, as far as the envelope tells; `asked_by` is the
    holder of the claim whose run asked for a wake, None for every other event.
    """

    id: str
    source: str
    type: str
    subject: str
    time: str
    data: Mapping[str, Any]
    lineage: Lineage
    schema: str | None = None
    region: str | None = None
    sequence: str | None = None
    object: S3Object | None = None
    requester: str | None = None
    source_ip: str | None = None
    asked_by: str | None = None

    @property
    def woken(self) -> bool:
        """Whether this is a wake that an earlier run asked for (`run.wake`), due at `time` with that run's `data`."""
        return self.asked_by is not None

    @property
    def facts(self) -> dict[str, Any]:
        """What the ledger keeps of an event: what changed, where and who, but none of its data."""
        facts = {
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "time": self.time,
            "region": self.region,
            "version": self.object.version_id if self.object else None,
            "sequence": self.sequence,
            "size": self.object.size if self.object else None,
            "etag": self.object.etag if self.object else None,
            "requester": self.requester,
            "source_ip": self.source_ip,
        }
        return {name: value for name, value in facts.items() if value is not None}

    @property
    def sort_key(self) -> str | None:
        """The sequence as text that can be compared: S3's have several lengths and are padded on their right.

        Source: "Event message structure", Amazon S3 User Guide.
        """
        if self.sequence is None or self.object is None:
            return self.sequence
        return self.sequence.lower().ljust(SEQUENCER_LENGTH, "0")

    @property
    def contract_version(self) -> int:
        """The major version of the contract that the data keeps, 1 where it names none; ContractError when it must not.

        A function that reads two versions of a type tells them apart by it.
        """
        if self.schema is None:
            return 1
        named = SCHEMA.fullmatch(self.schema)
        if not named or named["type"] != self.type:
            raise ContractError(f"dataschema {self.schema!r} is not herald:{self.type}/<version>")
        return int(named["major"])

    @property
    def payload_digest(self) -> str:
        """A digest of what the event says: the same id with another payload is not the same event."""
        content = [self.object.size, self.object.etag] if self.object else self.data
        text = json.dumps([self.type, content], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def lag_ms(self, now_ms: int) -> int | None:
        """Return how long ago it happened, None when its time cannot be read."""
        try:
            return now_ms - round(datetime.fromisoformat(self.time).timestamp() * 1000)
        except ValueError:
            return None
