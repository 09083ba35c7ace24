"""Matches the values of an event with the combinations of a pattern, element by element of its arrays.

Source: aws/event-ruler, ArrayMembership.java.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from functions.runtime.patterns.flat import Combination, Fields, Place


@dataclass(frozen=True, slots=True)
class Event:
    """The fields of an event, with a cache of the places that match: combinations share conditions."""

    fields: Fields
    accepts: Callable[[Sequence[Any], Any], bool]
    _places: dict[tuple[str, int], set[Place]] = field(default_factory=dict)

    def places(self, path: str, alternatives: Sequence[Any]) -> set[Place]:
        """Return the places of a field's values that match an alternative; the cache key is the alternatives' id."""
        key = (path, id(alternatives))
        if key not in self._places:
            leaves = self.fields.get(path, [])
            self._places[key] = {leaf.place for leaf in leaves if self.accepts(alternatives, leaf.value)}
        return self._places[key]


def matched(combination: Combination, event: Event) -> bool:
    """Return whether the fields of a combination match with values in the same elements of arrays."""
    steps = {}
    for path, wanted in combination.items():
        leaves = event.fields.get(path, [])
        places = event.places(path, wanted.alternatives)
        absence = wanted.takes_absence
        if not places and not absence:
            return False
        if () not in places and (leaves or not absence):
            steps[path] = _Step(_tree(places), _tree({leaf.place for leaf in leaves}) if absence else None)
    # EventBridge checks fields in the order of their names: absence refers to the elements of the fields before.
    return not steps or _consistent([steps[path] for path in sorted(steps)])


@dataclass(slots=True)
class _Tree:
    """Places by array and index, to find the places that agree with chosen elements quickly."""

    ends: bool = False
    below: dict[int, dict[int, "_Tree"]] = field(default_factory=dict)


class _Step(NamedTuple):
    """The places where a field matches and, if it may be absent, all places where it is present."""

    met: _Tree
    present: _Tree | None


def _tree(places: set[Place]) -> _Tree:
    root = _Tree()
    for place in places:
        node = root
        for array, index in place:
            node = node.below.setdefault(array, {}).setdefault(index, _Tree())
        node.ends = True
    return root


def _agreeing(tree: _Tree, chosen: Mapping[int, int]) -> Iterator[dict[int, int]]:
    """Yield the chosen elements, by array, combined with each place that agrees with them."""
    pending = [(tree, dict(chosen))]
    while pending:
        node, longer = pending.pop()
        if node.ends:
            yield longer
        for array, indexes in node.below.items():
            agreeing = indexes.keys() & {chosen[array]} if array in chosen else indexes.keys()
            pending.extend((indexes[index], {**longer, array: index}) for index in agreeing)


def _consistent(steps: Sequence[_Step]) -> bool:
    """Return whether some choice of elements matches every step; no choice is tried twice."""
    needed = [_arrays(steps[at:]) for at in range(len(steps))]
    seen = set[tuple[int, frozenset[tuple[int, int]]]]()
    pending: list[tuple[int, dict[int, int]]] = [(0, {})]
    while pending:
        at, chosen = pending.pop()
        if at == len(steps):
            return True
        chosen = {array: index for array, index in chosen.items() if array in needed[at]}
        key = (at, frozenset(chosen.items()))
        if key in seen:
            continue
        seen.add(key)
        met, present = steps[at]
        if present and next(_agreeing(present, chosen), None) is None:
            pending.append((at + 1, chosen))
        pending.extend((at + 1, longer) for longer in _agreeing(met, chosen))
    return False


def _arrays(steps: Sequence[_Step]) -> set[int]:
    """Return the arrays of all places of these steps."""
    found, pending = set[int](), [tree for step in steps for tree in step if tree]
    while pending:
        for array, indexes in pending.pop().below.items():
            found.add(array)
            pending.extend(indexes.values())
    return found
