"""Flattens patterns and events as EventBridge does: into fields with dotted paths, without tables and `$or`.

A pattern becomes combinations, one for each choice among the branches of its `$or`; an event matches if it matches one
combination. Each value of an event records its elements of arrays, because the fields of one combination must match
in the same elements. Source: aws/event-ruler, JsonRuleCompiler.java, Event.java and ArrayMembership.java.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final, NamedTuple

OR: Final = "$or"
RESERVED: Final = frozenset(  # names of present and future operators, not allowed as fields in $or: Constants.java
    {
        *("anything-but", "cidr", "equals-ignore-case", "exactly", "exists", "numeric", "prefix", "suffix", "wildcard"),
        *("=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-before"),
        *("date-on-or-after", "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range"),
    }
)

type Place = tuple[tuple[int, int], ...]  # array and index, outermost first


class Wanted(NamedTuple):
    """A combination's condition on one field.

    `unit` is the position of the field in the pattern; all fields in one `$or` have the same position. `replaces` is
    true if the pattern has an earlier condition on the field, which EventBridge drops.
    """

    alternatives: Sequence[Any]
    unit: int
    replaces: bool

    @property
    def takes_absence(self) -> bool:
        """Whether the condition accepts an event without the field."""
        return any(isinstance(each, Mapping) and each.get("exists") is False for each in self.alternatives)


class Leaf(NamedTuple):
    """A value of an event, and its elements of arrays."""

    value: Any
    place: Place


type Combination = dict[str, Wanted]
type Fields = dict[str, list[Leaf]]


def is_or(wanted: object) -> bool:
    """Return whether the value of `$or` makes it the operator; otherwise `$or` is the name of a field."""
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
    """Return the values of an event by path, only those with names that a combination contains."""
    found: Fields = {}
    names = {name for combination in wanted for path in combination for name in path.split(".")}
    arrays = count()
    pending: list[tuple[str, Any, Place]] = [("", event, ())]
    while pending:  # no recursion: an event may be nested deeper than Python's stack
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
    """Yield the elements of an array with their places; only objects and arrays count as elements."""
    for index, node in enumerate(nodes):
        yield node, (*place, (array, index)) if isinstance(node, (Mapping, list)) else place
