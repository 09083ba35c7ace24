"""What a flow lacks: events that nobody consumes, patterns that nothing can match, contracts that nobody uses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.declarations.spec import OWN, FunctionSpec
from infra.flow.graph import EventType, Flow, Node, texts
from infra.flow.routing import asks_for_a_source, event_reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowWarning:
    """One warning: where it is, and what is wrong there, as the rest of a sentence that begins with its name."""

    node: Node
    fault: str


def find_warnings(flow: Flow) -> Iterator[FlowWarning]:
    """Yield the warnings, those about events first."""
    for event in flow.events:
        fault = _unheard(event, flow)
        if fault:
            yield FlowWarning(node=event.node, fault=fault)
    events = {event.type: event for event in flow.events if not event.source}
    for spec in flow.specs:
        if "herald" in spec.buses:
            faults = (*_unmade(spec, events, flow), *any_source(spec, flow.specs))
            yield from (FlowWarning(node=Node("function", spec.name), fault=fault) for fault in faults)


def _unheard(event: EventType, flow: Flow) -> str:
    """Judge an event type that runs nobody; one that is neither made nor heard is a contract without use."""
    if flow.consumers(event):
        return ""
    if flow.causes(event.node):
        return "is consumed by no function"
    return "has a contract or a sample, but no function emits or consumes it"


def _unmade(spec: FunctionSpec, events: dict[str, EventType], flow: Flow) -> Iterator[str]:
    """Yield the event types that a function waits for in vain.

    A contract stands for makers outside, unless the pattern asks for a source that is a function's.
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
        elif not event.contracts or not _takes_others(spec):
            yield f"waits for {event_type} from a source that does not emit it"
    if not wanted and not flow.causes(Node("function", spec.name)):
        yield "has a pattern that matches no event type with a contract"


def any_source(spec: FunctionSpec, specs: Sequence[FunctionSpec]) -> Iterator[str]:
    """Yield the event types of functions that a pattern takes from any source.

    Whoever may put events on the bus can put one of that type under a source of his own: the bus's policy keeps only
    the sources of functions for functions.
    """
    if "herald" not in spec.buses or asks_for_a_source(spec):
        return
    for event_type in texts(spec.trigger.pattern, "detail-type"):
        sources = sorted(each.source for each in specs if event_type in each.access.emit)
        if sources:
            yield f"takes {event_type} from any source: name its senders in the pattern ({', '.join(sources)})"


def _takes_others(spec: FunctionSpec) -> bool:
    """Judge whether a source that is no function can match."""
    sources = spec.trigger.pattern.get("source")
    return sources is None or not all(isinstance(each, str) and each.startswith(OWN) for each in sources)
