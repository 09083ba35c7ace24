"""The nodes of the flow graph: sources, event types, functions and resources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from infra.declarations.spec import Resource
from infra.flow.routing import OBJECT

type Kind = Literal["source", "event", "function", "bucket", "table", "topic", "queue"]


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """One node; the name of a bucket includes the path that is written or watched: bucket.outputs/reports/*."""

    kind: Kind
    name: str


type Edge = tuple[Node, Node]  # cause and effect


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """An event type; `source` is set for AWS events only. Contracts are listed by version, samples by name."""

    type: str
    source: str = ""
    contracts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    samples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The unique name: `report.published`, or `aws.s3/Object Created`."""
        return f"{self.source}/{self.type}" if self.source else self.type

    @property
    def node(self) -> Node:
        """The node of the event type."""
        return Node("event", self.name)


OUTSIDE: Final = "other systems"  # the source of events that have a contract and no known emitter
CALLERS: Final = "HTTPS requests"
IOT_MESSAGE: Final = EventType(type="IoT Message", source="aws.iot")  # as functions/runtime/envelopes/iot.py names it


def place(resource: Resource) -> Node:
    """Return the node of a resource in a declaration."""
    return Node(cast("Kind", resource.kind), str(resource))


def is_of_objects(event: EventType) -> bool:
    """Return whether S3 sends the event about an object; CloudTrail's events with source aws.s3 are not."""
    return event.source == "aws.s3" and event.type.startswith(OBJECT)
