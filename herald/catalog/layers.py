"""Arranges a graph in columns: causes to the left of their effects, with few crossing edges.

The layered method of Sugiyama, Tagawa and Toda (1981): longest paths give the columns, an edge over several columns
gets a waypoint in each, and sweeps by barycenter give the orders.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

SWEEPS: Final = 24

type Edge[N] = tuple[N, N]


@dataclass(frozen=True, slots=True)
class Waypoint[N]:
    """The place in a column where edges to one node pass through."""

    target: N
    layer: int


type Slot[N] = N | Waypoint[N]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers[N]:
    """The columns from left to right, each from top to bottom, and the slots on the route of each edge.

    An edge that closes a circle runs from right to left.
    """

    columns: list[list[Slot[N]]]
    routes: dict[Edge[N], list[Slot[N]]]

    def links(self) -> list[list[Edge[Slot[N]]]]:
        """Return the pairs of slots that edges join, for each column and the next one."""
        column = {slot: number for number, slots in enumerate(self.columns) for slot in slots}
        links: list[set[Edge[Slot[N]]]] = [set() for _ in self.columns[1:]]
        for route in self.routes.values():
            for here, there in pairwise(route):
                left, right = sorted((here, there), key=column.__getitem__)
                links[column[left]].add((left, right))
        return [sorted(pairs, key=repr) for pairs in links]


def arrange[N: Hashable](nodes: Sequence[N], edges: Collection[Edge[N]], groups: Mapping[N, str]) -> Layers[N]:
    """Return the layers of a graph; nodes of one group stay together in their column."""
    forward = _without_circles(nodes, edges)
    layer = _longest_paths(nodes, forward)
    routes = {edge: _route(edge, layer, turned=edge not in forward) for edge in edges}
    columns: list[list[Slot[N]]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node in nodes:
        columns[layer[node]].append(node)
    for waypoint in dict.fromkeys(slot for route in routes.values() for slot in route if isinstance(slot, Waypoint)):
        columns[waypoint.layer].append(waypoint)
    layers = Layers(columns=columns, routes=routes)
    _untangle(layers, groups)
    return layers


def _without_circles[N: Hashable](nodes: Sequence[N], edges: Collection[Edge[N]]) -> set[Edge[N]]:
    """Return the edges without circles: an edge that leads back to its own path is reversed."""
    effects = _neighbors(edges)
    forward, done, path = set[Edge[N]](), set[N](), dict[N, None]()
    for start in nodes:
        stack = [(start, iter(effects[start]))] if start not in done else []
        path[start] = None
        while stack:
            node, following = stack[-1]
            effect = next(following, None)
            if effect is None:
                stack.pop()
                path.pop(node, None)
                done.add(node)
                continue
            forward.add((effect, node) if effect in path else (node, effect))
            if effect not in path and effect not in done:
                path[effect] = None
                stack.append((effect, iter(effects[effect])))
        path.clear()
    return forward


def _longest_paths[N: Hashable](nodes: Sequence[N], edges: Iterable[Edge[N]]) -> dict[N, int]:
    """Return the column of each node: right of all its causes, or, without causes, next to its first effect."""
    edges = sorted(edges, key=repr)
    causes, effects = _neighbors((effect, cause) for cause, effect in edges), _neighbors(edges)
    waiting = {node: len(causes[node]) for node in nodes}
    ready, layer = [node for node in nodes if not waiting[node]], dict[N, int]()
    for node in ready:
        layer[node] = max((layer[cause] + 1 for cause in causes[node]), default=0)
        for effect in effects[node]:
            waiting[effect] -= 1
            if not waiting[effect]:
                ready.append(effect)
    for node in nodes:
        if not causes[node] and effects[node]:
            layer[node] = min(layer[effect] for effect in effects[node]) - 1
    return layer


def _route[N: Hashable](edge: Edge[N], layer: Mapping[N, int], *, turned: bool) -> list[Slot[N]]:
    """Return the slots of an edge; edges to the same node share their waypoints and form one line."""
    left, right = edge[::-1] if turned else edge
    way: list[Slot[N]] = [Waypoint(right, number) for number in range(layer[left] + 1, layer[right])]
    route = [left, *way, right]
    return route[::-1] if turned else route


def _neighbors[N: Hashable](edges: Iterable[Edge[N]]) -> defaultdict[N, list[N]]:
    found = defaultdict[N, list[N]](list)
    for here, there in edges:
        found[here].append(there)
    return found


def _untangle[N: Hashable](layers: Layers[N], groups: Mapping[N, str]) -> None:
    """Sort the columns by their neighbors in alternating directions, and keep the order with the fewest crossings."""
    links = layers.links()
    best, least = [list(column) for column in layers.columns], _crossings(layers.columns, links)
    for sweep in range(SWEEPS):
        numbers = range(1, len(layers.columns)) if sweep % 2 == 0 else range(len(layers.columns) - 2, -1, -1)
        for number in numbers:
            beside = number - 1 if sweep % 2 == 0 else number + 1
            pairs = links[min(number, beside)]
            fixed = {slot: place for place, slot in enumerate(layers.columns[beside])}
            joined = _neighbors((right, left) for left, right in pairs) if sweep % 2 == 0 else _neighbors(pairs)
            _sort(layers.columns[number], {slot: [fixed[each] for each in joined[slot]] for slot in joined}, groups)
        count = _crossings(layers.columns, links)
        if count < least:
            best, least = [list(column) for column in layers.columns], count
    layers.columns[:] = best


def _sort[N: Hashable](column: list[Slot[N]], joined: Mapping[Slot[N], list[int]], groups: Mapping[N, str]) -> None:
    """Sort the slots of a column by the mean place of their neighbors, and groups by the mean of their slots."""
    means = {
        slot: sum(joined[slot]) / len(joined[slot]) if joined.get(slot) else float(place)
        for place, slot in enumerate(column)
    }
    members = defaultdict[object, list[float]](list)
    group = {slot: slot if isinstance(slot, Waypoint) else groups.get(slot, slot) for slot in column}
    for slot in column:
        members[group[slot]].append(means[slot])
    center = {name: sum(values) / len(values) for name, values in members.items()}
    column.sort(key=lambda slot: (center[group[slot]], repr(group[slot]), means[slot]))


def _crossings[N: Hashable](columns: list[list[Slot[N]]], links: list[list[Edge[Slot[N]]]]) -> int:
    """Count the pairs of edges that cross."""
    count = 0
    for left, right, pairs in zip(columns, columns[1:], links, strict=False):
        here = {slot: place for place, slot in enumerate(left)}
        there = {slot: place for place, slot in enumerate(right)}
        passed: list[int] = []
        for _, place in sorted((here[one], there[other]) for one, other in pairs):
            count += len(passed) - bisect_right(passed, place)
            insort(passed, place)
    return count
