"""The flow of events as a graph: who makes what, and whom it runs; made from declarations and contracts alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, cast

from functions.runtime.patterns import operators
from infra.declarations.spec import OWN, FunctionSpec, Resource
from infra.flow.routing import event_reaches, write_reaches

OUTSIDE: Final = "other systems"  # who makes an event that has a contract, when nothing names its maker
CALLERS: Final = "HTTPS requests"
S3_TYPES: Final = "Object "  # S3's own events; CloudTrail's, which name aws.s3 too, are about no object

type Kind = Literal["source", "event", "function", "bucket", "table", "topic", "queue"]


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """One thing of the flow; a bucket stands with the path that is written or watched: bucket.outputs/reports/*."""

    kind: Kind
    name: str


type Edge = tuple[Node, Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """What can happen; `source` is set for the events of AWS alone. Its contracts by version, its samples by name."""

    type: str
    source: str = ""
    contracts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    samples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name among all: `report.published`, or `aws.s3/Object Created`."""
        return f"{self.source}/{self.type}" if self.source else self.type

    @property
    def node(self) -> Node:
        """Its place in the flow."""
        return Node("event", self.name)


IOT_MESSAGE: Final = EventType(type="IoT Message", source="aws.iot")  # as functions/runtime/envelopes/iot.py calls it


@dataclass(frozen=True, kw_only=True)
class Flow:
    """All functions and event types by name, and the edges between them, from cause to effect."""

    specs: tuple[FunctionSpec, ...]
    events: tuple[EventType, ...]
    edges: frozenset[Edge]

    def causes(self, node: Node) -> list[Node]:
        """Return what leads to a node."""
        return list(self._sides[0].get(node, ()))

    def effects(self, node: Node) -> list[Node]:
        """Return what a node leads to."""
        return list(self._sides[1].get(node, ()))

    def emitters(self, event: EventType) -> list[str]:
        """Return the functions that make an event type."""
        return [cause.name for cause in self.causes(event.node) if cause.kind == "function"]

    def consumers(self, event: EventType) -> list[str]:
        """Return the functions that an event type can run."""
        return [effect.name for effect in self.effects(event.node)]

    @cached_property
    def _sides(self) -> tuple[Mapping[Node, list[Node]], Mapping[Node, list[Node]]]:
        """What leads to each node, and what each leads to, sorted."""
        causes, effects = defaultdict[Node, list[Node]](list), defaultdict[Node, list[Node]](list)
        for cause, effect in sorted(self.edges):
            causes[effect].append(cause)
            effects[cause].append(effect)
        return causes, effects


def build(specs: Sequence[FunctionSpec], known: Iterable[EventType]) -> Flow:
    """Return the flow through the functions; `known` are the event types that have a contract or a sample."""
    events = {each.name: each for each in known}
    for spec in specs:
        for event in (*map(_domain, spec.access.emit), *_asked_for(spec)):
            events.setdefault(event.name, event)
    edges = {edge for event in events.values() for edge in _around(event, specs)}
    edges |= {edge for spec in specs for edge in _around_function(spec, specs)}
    return Flow(
        specs=tuple(sorted(specs, key=lambda spec: spec.name)),
        events=tuple(events[name] for name in sorted(events)),
        edges=frozenset(edges),
    )


def _domain(event_type: str) -> EventType:
    return EventType(type=event_type)


def _around(event: EventType, specs: Sequence[FunctionSpec]) -> Iterator[Edge]:
    """Yield the edges of an event type: from those who make it to those whom it runs."""
    emitters = [] if event.source else [spec for spec in specs if event.type in spec.access.emit]
    outside = [] if event.source else _foreign(event)
    sources = [event.source] if event.source else [*(spec.source for spec in emitters), *(outside or [OUTSIDE])]
    # Whoever names it waits for it, also where nobody makes it: see gaps.py.
    consumers = [
        spec.name
        for spec in specs
        if any(event_reaches(event.type, source, spec) for source in sources)
        or any(each.name == event.name for each in _asked_for(spec))
    ]
    if event.contracts and consumers and not (event.source or emitters or outside):
        outside = [OUTSIDE]
    yield from ((Node("source", name), event.node) for name in outside)
    yield from ((Node("function", spec.name), event.node) for spec in emitters)
    yield from ((event.node, Node("function", name)) for name in consumers)


def _foreign(event: EventType) -> list[str]:
    """Return who else makes it, by the `source` of its samples: whatever is no function."""
    sources = {str(sample.get("source", "")) for sample in event.samples.values()}
    return sorted(source for source in sources if source and not source.startswith(OWN))


def _around_function(spec: FunctionSpec, specs: Sequence[FunctionSpec]) -> Iterator[Edge]:
    """Yield the edges of a function that are not an event type's: resources, and whole services of AWS."""
    own = Node("function", spec.name)
    if spec.trigger.http:
        yield Node("source", CALLERS), own
    for cause in (*_places(spec), *_services(spec)):
        yield cause, own
    for resource in (*spec.access.write, *spec.access.publish, *spec.access.send):
        yield own, place(resource)
    for resource in spec.access.write:
        yield from ((place(resource), Node("function", each.name)) for each in specs if write_reaches(resource, each))


def place(resource: Resource) -> Node:
    """Return the node of a resource that a declaration names."""
    return Node(cast("Kind", resource.kind), str(resource))


def _asked_for(spec: FunctionSpec) -> Iterator[EventType]:
    """Yield the event types that a pattern names; where it stands on both buses, those of AWS have capital letters."""
    types = texts(spec.trigger.pattern, "detail-type")
    both = len(spec.buses) > 1
    if spec.trigger.iot:
        yield IOT_MESSAGE
    if "herald" in spec.buses:
        yield from (_domain(each) for each in types if each.islower() or not both)
    for source in texts(spec.trigger.pattern, "source"):
        if source.startswith("aws."):
            yield from (EventType(type=each, source=source) for each in types if not (both and each.islower()))


def texts(wanted: Mapping[str, Any], name: str) -> list[str]:
    """Return the plain texts that a pattern accepts in a field of the envelope, in whatever branch."""
    branches = [text for branch in wanted.get("$or", ()) for text in texts(branch, name)]
    return [each for each in wanted.get(name, ()) if isinstance(each, str)] + branches


def is_of_objects(event: EventType) -> bool:
    """Return whether it is S3's event about an object."""
    return event.source == "aws.s3" and event.type.startswith(S3_TYPES)


def _places(spec: FunctionSpec) -> Iterator[Node]:
    """Yield the places whose objects run a function."""
    wanted = spec.trigger.pattern
    types = texts(wanted, "detail-type")
    if "aws.s3" not in texts(wanted, "source") or (types and not any(each.startswith(S3_TYPES) for each in types)):
        return
    detail = wanted.get("detail", {})
    for name in map(_glob, detail.get("bucket", {}).get("name", ["any bucket"])):
        for key in map(_glob, detail.get("object", {}).get("key", ["*"])):
            yield Node("bucket", f"{name.removeprefix('${').removesuffix('}')}/{key}")


def _glob(wanted: str | Mapping[str, Any]) -> str:
    """Return what a pattern accepts as a path would say it, `*` where it takes more than that."""
    match wanted:
        case str():
            return wanted
        case {"prefix": str(text)}:
            return f"{text}*"
        case {"suffix": str(text)}:
            return f"*{text}"
        case {"wildcard": str(text)}:
            return text
        case _:
            return "*"


def _services(spec: FunctionSpec) -> Iterator[Node]:
    """Yield the sources of AWS of which every event is asked for, or that no plain text names."""
    wanted = spec.trigger.pattern
    if "default" not in spec.buses:
        return
    for source in wanted.get("source", ()):
        if isinstance(source, Mapping):
            ((name, argument),) = source.items()
            yield Node("source", operators.OPERATORS[name].describe(argument))
        elif source.startswith("aws.") and source != "aws.s3" and not texts(wanted, "detail-type"):
            yield Node("source", source)
