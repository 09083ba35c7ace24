"""The origin of an event, carried as CloudEvents extensions and as metadata of S3 objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from functions.runtime.core.errors import Permanent

# S3 allows 2 KB of user metadata in US-ASCII. Values that do not fit are left out. The chain can still be
# followed: the row of the run that wrote an object lists the object.
METADATA_BYTES: Final = 1_700
DEPTH_LIMIT: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The run that caused an event: its subject, its function, and the id of the event that it handled."""

    subject: str
    function: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The correlation id of a chain of events, the run that caused this event, and the number of runs before it.

    `path` lists the functions of the chain in order.
    """

    correlation_id: str
    cause: Cause | None = None
    depth: int = 0
    path: tuple[str, ...] = ()

    @property
    def log_keys(self) -> dict[str, str | None]:
        """The keys of a log line that identify the chain and the cause."""
        return {"correlation_id": self.correlation_id, "causation_id": self.cause.event_id if self.cause else None}

    def check_depth(self) -> None:
        """Raise Permanent with the chain when functions run each other in a loop."""
        if self.depth > DEPTH_LIMIT:
            chain = " → ".join(self.path) or "the path is unknown"
            raise Permanent(f"depth {self.depth} is over the limit of {DEPTH_LIMIT}: {chain}")


def to_extensions(lineage: Lineage) -> dict[str, Any]:
    """Return the lineage as CloudEvents extension attributes."""
    extensions: dict[str, Any] = {"correlationid": lineage.correlation_id, "depth": lineage.depth}
    if lineage.path:
        extensions["causationpath"] = ",".join(lineage.path)
    if lineage.cause:
        extensions["causationid"] = lineage.cause.event_id
        extensions["causationsubject"] = lineage.cause.subject
        extensions["causationfunction"] = lineage.cause.function
    return extensions


def to_metadata(lineage: Lineage) -> dict[str, str]:
    """Return the lineage as S3 user metadata: the extensions, percent-encoded."""
    metadata = {name: quote(str(value), safe=",") for name, value in to_extensions(lineage).items()}
    for droppable in ("causationsubject", "causationpath", "causationid"):
        if sum(len(name) + len(value) for name, value in metadata.items()) > METADATA_BYTES:
            metadata.pop(droppable, None)
    return metadata


def from_metadata(metadata: Mapping[str, str]) -> Lineage | None:
    """Return the lineage in an object's metadata, None if no run wrote the object."""
    if "correlationid" not in metadata or not metadata.get("depth", "").isdecimal():
        return None
    cause = None
    if {"causationid", "causationsubject", "causationfunction"} <= metadata.keys():
        cause = Cause(
            subject=unquote(metadata["causationsubject"]),
            function=metadata["causationfunction"],
            event_id=unquote(metadata["causationid"]),
        )
    return Lineage(
        correlation_id=unquote(metadata["correlationid"]),
        cause=cause,
        depth=int(metadata["depth"]),
        path=read_path(metadata.get("causationpath")),
    )


def read_path(text: str | None) -> tuple[str, ...]:
    """Return the functions in `causationpath`."""
    return tuple(text.split(",")) if text else ()
