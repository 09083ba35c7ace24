"""The event, independent of its envelope."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from functions.runtime.core.errors import ContractError, MalformedError
from functions.runtime.core.lineage import Lineage
from functions.runtime.core.s3_uri import S3Uri

SEQUENCER_LENGTH: Final = 32  # S3's sequencers have 18 hexadecimal digits today
SCHEMA: Final = re.compile(r"herald:(?P<type>[^/]+)/(?P<major>[1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Object:
    """The object of an S3 event; `size` is in bytes, `version_id` is None in a bucket without versioning."""

    bucket: str
    key: str
    version_id: str | None
    size: int
    etag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The last processed event of the same subject; `object` has the version that its run read."""

    id: str
    type: str
    subject: str
    time: str
    sequence: str
    object: S3Object | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any], event: "Event") -> "Previous":
        """Build it from the ledger's row. Bucket and key come from the subject, which both events share."""
        old = None
        if "size" in kept:  # an event with an object; a wake of the same subject has none
            uri = S3Uri.parse(event.subject) or S3Uri("")
            size = int(kept["size"] or 0)
            old = S3Object(
                bucket=uri.bucket, key=uri.key, version_id=kept.get("version"), size=size, etag=kept.get("etag")
            )
        texts = {name: kept[name] for name in ("id", "type", "time", "sequence")}
        return cls(**texts, subject=event.subject, object=old)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event.

    `id` is unique within `source` and `subject`. `time` is ISO 8601. `sequence` orders the events of one subject.
    `data` is the CloudEvent's data, or the whole EventBridge detail. `schema` names the contract of the data, as
    `herald:<type>/<version>`. `requester` and `source_ip` name the caller, if the envelope has them. `asked_by` is set
    only in a wake: it is the holder of the claim of the run that asked for the wake.
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
        """Whether the event is a wake that an earlier run asked for; `data` is the data of its call of `run.wake`."""
        return self.asked_by is not None

    @property
    def key(self) -> str:
        """The key of the event's S3 object; MalformedError for an event without an object."""
        if self.object is None:
            raise MalformedError("the event", f"is {self.type}, which has no object")
        return self.object.key

    @property
    def facts(self) -> dict[str, Any]:
        """The facts that the ledger stores: what changed, where, and the caller, but none of the data."""
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
        """The sequence in a form that sorts as text. S3's sequencers vary in length and are padded on the right.

        Source: "Event message structure", Amazon S3 User Guide.
        """
        if self.sequence is None or self.object is None:
            return self.sequence
        return self.sequence.lower().ljust(SEQUENCER_LENGTH, "0")

    @property
    def contract_version(self) -> int:
        """The major version of the data's contract, 1 without a schema; ContractError when the schema is invalid.

        A function that reads several versions of a type distinguishes them by it.
        """
        if self.schema is None:
            return 1
        named = SCHEMA.fullmatch(self.schema)
        if not named or named["type"] != self.type:
            raise ContractError(f"dataschema is not herald:{self.type}/<version>")
        return int(named["major"])

    @property
    def payload_digest(self) -> str:
        """A digest of the type and the content. An event with the same id and another digest is not a duplicate."""
        content = [self.object.size, self.object.etag] if self.object else self.data
        text = json.dumps([self.type, content], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def lag_ms(self, now_ms: int) -> int | None:
        """Return the event's age in milliseconds, None if its time is invalid."""
        try:
            return now_ms - round(datetime.fromisoformat(self.time).timestamp() * 1000)
        except ValueError:
            return None
