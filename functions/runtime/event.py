"""The event: something that happened, whatever envelope it came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.runtime.lineage import Lineage


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Object:
    """The object an S3 event is about; `size` in bytes, `version_id` None where the bucket has no versions."""

    bucket: str
    key: str
    version_id: str | None
    size: int
    etag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened.

    `id` is unique within `source` and `subject`; `time` is ISO 8601; `sequence` orders the events of one subject as
    text; `data` is the CloudEvent's data, or the whole EventBridge detail; `requester` and `source_ip` say who, as far
    as the envelope tells.
    """

    id: str
    source: str
    type: str
    subject: str
    time: str
    data: Mapping[str, Any]
    lineage: Lineage
    region: str | None = None
    sequence: str | None = None
    object: S3Object | None = None
    requester: str | None = None
    source_ip: str | None = None

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
            "sequencer": self.sequence,
            "size": self.object.size if self.object else None,
            "requester": self.requester,
            "source_ip": self.source_ip,
        }
        return {name: value for name, value in facts.items() if value is not None}

    def lag_ms(self, now_ms: int) -> int | None:
        """Return how long ago it happened, None when its time cannot be read."""
        try:
            return now_ms - round(datetime.fromisoformat(self.time).timestamp() * 1000)
        except ValueError:
            return None
