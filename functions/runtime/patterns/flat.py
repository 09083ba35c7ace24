"""Patterns and events as EventBridge compares them: as fields by their dotted paths, without tables and `$or`.

A pattern becomes its combinations, one for each choice among the branches of its `$or`; an event matches when it
matches one of them. The values of an event remember which elements of which arrays they lie in, so that the fields of
one combination come from the same elements. Source: aws/event-ruler, JsonRuleCompiler.java, Event.java and
ArrayMembership.java.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, NamedTuple

OR: Final = "$or"
RESERVED: Final = frozenset(  # within $or, for operators that there are and that there may be: Constants.java
    {
        *("anything-but", "cidr", "equals-ignore-case", "exactly", "exists", "numeric", "prefix", "suffix", "wildcard"),
        *("=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-before"),
        *("date-on-or-after", "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range"),
    }
)

type Place = tuple[tuple[int, int], ...]  # array and index, the outermost first


class Wanted(NamedTuple):
    """What a combination asks of one field.

    `unit` counts the fields of a pattern in the order they are written, all those within one `$or` as one; `replaces`
    tells that the combination asked something else of the field before, which EventBridge forgets.
    """

    alternatives: Sequence[Any]
    unit: int
    replaces: bool

    @property
    def takes_absence(self) -> bool:
        """Whether the field may be absent."""
        return any(isinstance(each, Mapping) and each.get("exists") is False for each in self.alternatives)


class Leaf(NamedTuple):
    """A value of an event, and the elements of arrays it lies in."""

    value: Any
    place: Place


type Combination = dict[str, Wanted]
type Fields = dict[str, list[Leaf]]


def is_or(wanted: object) -> bool:
    """Judge whether what stands under `$or` makes it the operator; it is a field of that name otherwise."""
    return (
        isinstance(wanted, list)
        and len(wanted) > 1
        and all(isinstance(branch, Mapping) and branch and not RESERVED & branch.keys() for branch in wanted)
    )


def combinations(pattern: Mapping[str, Any]) -> list[Combination]:
    """Return the combinations of a pattern that passed `check`."""
    return _expand(pattern, "", [{}], count(), None)


def _expand(
    table: Mapping[str, Any], path: str, found: list[Combination], units: Iterator[int], unit: int | None
) -> list[Combination]:
    for name, wanted in table.items():
        own = next(units) if unit is None else unit
        if name == OR and is_or(wanted):
            branches = [_expand(branch, path, list(map(dict, found)), units, own) for branch in wanted]
            found = [combination for branch in branches for combination in branch]
        elif isinstance(wanted, Mapping):
            found = _expand(wanted, joined(path, name), found, units, unit)
        else:
            where = joined(path, name)
            for combination in found:
                combination[where] = Wanted(wanted, own, where in combination)
    return found


def joined(path: str, name: str) -> str:
    """Return the dotted path of a name below a path."""
    return f"{path}.{name}" if path else name


def fields(event: Mapping[str, Any], wanted: Sequence[Combination]) -> Fields:
    """Return the values of an event by their paths; names that no combination has are left out."""
    found: Fields = {}
    names = {name for combination in wanted for path in combination for name in path.split(".")}
    arrays = count()
    pending: list[tuple[str, Any, Place]] = [("", event, ())]
    while pending:  # no recursion: an event may be nested deeper than the interpreter's stack
        path, node, place = pending.pop()
        if isinstance(node, Mapping):
            used = (name for name in node if name in names or ("." in name and names.issuperset(name.split("."))))
            pending.extend([(joined(path, name), node[name], place) for name in used][::-1])
        elif isinstance(node, list):
            pending.extend([(path, *element) for element in _elements(node, place, next(arrays))][::-1])
        else:
            found.setdefault(path, []).append(Leaf(node, place))
    return found


def _elements(nodes: list[Any], place: Place, array: int) -> Iterator[tuple[Any, Place]]:
    """Yield the elements of an array with their places; values in it are those of the field, in no element of it."""
    for index, node in enumerate(nodes):
        yield node, (*place, (array, index)) if isinstance(node, (Mapping, list)) else place


@dataclass(frozen=True, slots=True)
class Event:
    """The fields of an event, and where alternatives are met: combinations ask for the same ones again."""

    fields: Fields
    accepts: Callable[[Sequence[Any], Any], bool]
    _places: dict[tuple[str, int], set[Place]] = field(default_factory=dict)

    def places(self, path: str, alternatives: Sequence[Any]) -> set[Place]:
        """Return where a field has a value that meets one of its alternatives, which outlive this event."""
        key = (path, id(alternatives))
        if key not in self._places:
            leaves = self.fields.get(path, [])
            self._places[key] = {leaf.place for leaf in leaves if self.accepts(alternatives, leaf.value)}
        return self._places[key]


def matched(combination: Combination, event: Event) -> bool:
    """Judge whether the fields of a combination are met by values that lie in the same elements of arrays."""
    steps = {}
    for path, wanted in combination.items():
        leaves = event.fields.get(path, [])
        places = event.places(path, wanted.alternatives)
        absence = wanted.takes_absence
        if not places and not absence:
            return False
        if () not in places and (leaves or not absence):
            steps[path] = _Step(_tree(places), _tree({leaf.place for leaf in leaves}) if absence else None)
    # EventBridge takes fields in the order of their names: one is absent from the elements chosen for those before it.
    return not steps or _consistent([steps[path] for path in sorted(steps)])


@dataclass(slots=True)
class _Tree:
    """Places by array and index, so that those which agree with chosen elements are found at once."""

    ends: bool = False
    below: dict[int, dict[int, "_Tree"]] = field(default_factory=dict)


class _Step(NamedTuple):
    """Where a field is met, and where it is at all if it may be absent."""

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
    """Yield the chosen elements, by array, together with those of each place that agrees with them."""
    pending = [(tree, dict(chosen))]
    while pending:
        node, longer = pending.pop()
        if node.ends:
            yield longer
        for array, indexes in node.below.items():
            agreeing = indexes.keys() & {chosen[array]} if array in chosen else indexes.keys()
            pending.extend((indexes[index], {**longer, array: index}) for index in agreeing)


def _consistent(steps: Sequence[_Step]) -> bool:
    """Judge whether elements can be chosen in which every step is met; no choice is tried twice."""
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
    """Return the arrays that any place of these steps lies in."""
    found, pending = set[int](), [tree for step in steps for tree in step if tree]
    while pending:
        for array, indexes in pending.pop().below.items():
            found.add(array)
            pending.extend(indexes.values())
    return found
