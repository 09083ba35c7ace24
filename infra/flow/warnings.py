"""Warnings about a flow: events without consumers, patterns that match no known event, and unused contracts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.declarations.spec import OWN, FunctionSpec
from infra.flow.edges import texts
from infra.flow.graph import EventType, Flow, Node
from infra.flow.routing import asks_for_a_source, event_reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowWarning:
    """A warning about a node; `fault` completes a sentence that begins with the node's name."""

    node: Node
    fault: str


def find_warnings(flow: Flow) -> Iterator[FlowWarning]:
    """Yield the warnings about events, then those about functions."""
    for event in flow.events:
        fault = _without_consumer(event, flow)
        if fault:
            yield FlowWarning(node=event.node, fault=fault)
    events = {event.type: event for event in flow.events if not event.source}
    for spec in flow.specs:
        if "herald" in spec.buses:
            faults = (*_without_emitter(spec, events, flow), *any_source(spec, flow.specs))
            yield from (FlowWarning(node=Node("function", spec.name), fault=fault) for fault in faults)


def _without_consumer(event: EventType, flow: Flow) -> str:
    """Return the warning about an event type that runs no function; "" if it runs one."""
    if flow.consumers(event):
        return ""
    if flow.causes(event.node):
        return "is consumed by no function"
    return "has a contract or a sample, but no function emits or consumes it"


def _without_emitter(spec: FunctionSpec, events: dict[str, EventType], flow: Flow) -> Iterator[str]:
    """Yield a warning for each event type that a function's pattern names and that cannot match.

    Other systems may emit an event type with a contract, unless the pattern accepts only functions as sources.
    """
    wanted = texts(spec.trigger.pattern, "detail-type")
    for event_type in wanted:
        event = events.get(event_type)
        if event is None:
            continue
        names = flow.emitters(event)
        emitters = [each for each in flow.specs if each.name in names]
        if any(event_reaches(event_type, each.source, spec) for each in emitters):
            continue
        if not emitters and not event.contracts:
            yield f"waits for {event_type}, which no function emits and no contract describes"
        elif not event.contracts or not _accepts_other_systems(spec):
            yield f"waits for {event_type} from a source that does not emit it"
    if not wanted and not flow.causes(Node("function", spec.name)):
        yield "has a pattern that matches no event type with a contract"


def any_source(spec: FunctionSpec, specs: Sequence[FunctionSpec]) -> Iterator[str]:
    """Yield a warning for each event type of a function that a pattern accepts from any source.

    The bus's policy reserves the sources of functions, not event types: every principal that may put events can send
    this type with another source.
    """
    if "herald" not in spec.buses or asks_for_a_source(spec):
        return
    for event_type in texts(spec.trigger.pattern, "detail-type"):
        sources = sorted(each.source for each in specs if event_type in each.access.emit)
        if sources:
            yield f"accepts {event_type} from any source: name its emitters in the pattern ({', '.join(sources)})"


def _accepts_other_systems(spec: FunctionSpec) -> bool:
    """Return whether the pattern matches a source that is not a function."""
    sources = spec.trigger.pattern.get("source")
    return sources is None or not all(isinstance(each, str) and each.startswith(OWN) for each in sources)
