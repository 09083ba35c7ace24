"""The edges of the flow graph, from the declarations of functions and the samples of event types."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from functions.runtime.patterns import operators
from infra.declarations.naming import OWN, is_aws
from infra.declarations.spec import FunctionSpec
from infra.flow.nodes import CALLERS, IOT_MESSAGE, OUTSIDE, Edge, EventType, Node, place
from infra.flow.routing import OBJECT, event_reaches, write_reaches


def domain_event(event_type: str) -> EventType:
    """Return an event type of the bus `herald`."""
    return EventType(type=event_type)


def edges_of_event(event: EventType, specs: Sequence[FunctionSpec]) -> Iterator[Edge]:
    """Yield the edges from the emitters of an event type, and to the functions that it runs."""
    emitters = [] if event.source else [spec for spec in specs if event.type in spec.access.emit]
    outside = [] if event.source else _foreign_sources(event)
    sources = [event.source] if event.source else [*(spec.source for spec in emitters), *(outside or [OUTSIDE])]
    # A pattern that names the type has an edge even if no source emits it: warnings.py reports this.
    consumers = [
        spec.name
        for spec in specs
        if any(event_reaches(event.type, source, spec) for source in sources)
        or any(each.name == event.name for each in event_types_of(spec))
    ]
    if event.contracts and consumers and not (event.source or emitters or outside):
        outside = [OUTSIDE]
    yield from ((Node("source", name), event.node) for name in outside)
    yield from ((Node("function", spec.name), event.node) for spec in emitters)
    yield from ((event.node, Node("function", name)) for name in consumers)


def edges_of_function(spec: FunctionSpec, specs: Sequence[FunctionSpec]) -> Iterator[Edge]:
    """Yield the edges between a function and resources, whole AWS services and HTTPS requests."""
    own = Node("function", spec.name)
    if spec.trigger.http:
        yield Node("source", CALLERS), own
    for cause in (*_watched_places(spec), *_services(spec)):
        yield cause, own
    for resource in (*spec.access.write, *spec.access.publish, *spec.access.send):
        yield own, place(resource)
    for resource in spec.access.write:
        yield from ((place(resource), Node("function", each.name)) for each in specs if write_reaches(resource, each))


def event_types_of(spec: FunctionSpec) -> Iterator[EventType]:
    """Yield the event types that a trigger names; a pattern for both buses names AWS's types with capital letters."""
    types = texts(spec.trigger.pattern, "detail-type")
    both = len(spec.buses) > 1
    if spec.trigger.iot:
        yield IOT_MESSAGE
    if "herald" in spec.buses:
        yield from (domain_event(each) for each in types if each.islower() or not both)
    for source in filter(is_aws, texts(spec.trigger.pattern, "source")):
        yield from (EventType(type=each, source=source) for each in types if not (both and each.islower()))


def texts(wanted: Mapping[str, Any], name: str) -> list[str]:
    """Return the plain texts that a pattern accepts in a field of the envelope, including those in `$or`."""
    branches = [text for branch in wanted.get("$or", ()) for text in texts(branch, name)]
    return [each for each in wanted.get(name, ()) if isinstance(each, str)] + branches


def _foreign_sources(event: EventType) -> list[str]:
    """Return the sources of an event type's samples that are not functions."""
    sources = {str(sample.get("source", "")) for sample in event.samples.values()}
    return sorted(source for source in sources if source and not source.startswith(OWN))


def _watched_places(spec: FunctionSpec) -> Iterator[Node]:
    """Yield the buckets and paths of the objects that run a function."""
    wanted = spec.trigger.pattern
    types = texts(wanted, "detail-type")
    if "aws.s3" not in texts(wanted, "source") or (types and not any(each.startswith(OBJECT) for each in types)):
        return
    detail = wanted.get("detail", {})
    for name in map(_glob, detail.get("bucket", {}).get("name", ["any bucket"])):
        for key in map(_glob, detail.get("object", {}).get("key", ["*"])):
            yield Node("bucket", f"{name.removeprefix('${').removesuffix('}')}/{key}")


def _glob(wanted: str | Mapping[str, Any]) -> str:
    """Return one alternative of a pattern as a path with `*`."""
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
    """Yield the AWS sources of a pattern without event types, and the sources that an operator matches."""
    wanted = spec.trigger.pattern
    if "default" not in spec.buses:
        return
    for source in wanted.get("source", ()):
        if isinstance(source, Mapping):
            ((name, argument),) = source.items()
            yield Node("source", operators.OPERATORS[name].describe(argument))
        elif is_aws(source) and source != "aws.s3" and not texts(wanted, "detail-type"):
            yield Node("source", source)
