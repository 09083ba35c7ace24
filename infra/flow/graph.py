"""The graph of events: which source or function emits an event, and which functions it runs.

It is made from declarations and contracts alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from infra.declarations.spec import FunctionSpec
from infra.flow.edges import domain_event, edges_of_event, edges_of_function, event_types_of
from infra.flow.nodes import Edge, EventType, Node, is_of_objects, place

__all__ = ["Edge", "EventType", "Flow", "Node", "build", "is_of_objects", "place"]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """All functions and event types by name, and the edges between them, from cause to effect."""

    specs: tuple[FunctionSpec, ...]
    events: tuple[EventType, ...]
    edges: frozenset[Edge]

    def causes(self, node: Node) -> list[Node]:
        """Return the nodes with an edge to a node."""
        return list(self._neighbors[0].get(node, ()))

    def effects(self, node: Node) -> list[Node]:
        """Return the nodes with an edge from a node."""
        return list(self._neighbors[1].get(node, ()))

    def emitters(self, event: EventType) -> list[str]:
        """Return the functions that emit an event type."""
        return [cause.name for cause in self.causes(event.node) if cause.kind == "function"]

    def consumers(self, event: EventType) -> list[str]:
        """Return the functions that an event type can run."""
        return [effect.name for effect in self.effects(event.node)]

    @cached_property
    def _neighbors(self) -> tuple[Mapping[Node, list[Node]], Mapping[Node, list[Node]]]:
        """The causes and the effects of each node, sorted."""
        causes, effects = defaultdict[Node, list[Node]](list), defaultdict[Node, list[Node]](list)
        for cause, effect in sorted(self.edges):
            causes[effect].append(cause)
            effects[cause].append(effect)
        return causes, effects


def build(specs: Sequence[FunctionSpec], known: Iterable[EventType]) -> Flow:
    """Return the graph of some functions; `known` are the event types that have a contract or a sample."""
    events = {each.name: each for each in known}
    for spec in specs:
        for event in (*map(domain_event, spec.access.emit), *event_types_of(spec)):
            events.setdefault(event.name, event)
    edges = {edge for event in events.values() for edge in edges_of_event(event, specs)}
    edges |= {edge for spec in specs for edge in edges_of_function(spec, specs)}
    return Flow(
        specs=tuple(sorted(specs, key=lambda spec: spec.name)),
        events=tuple(events[name] for name in sorted(events)),
        edges=frozenset(edges),
    )
