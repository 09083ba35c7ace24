"""Explains in one sentence why an event does not match a pattern, by the first field that does not match."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final

from functions.runtime.patterns.array_matching import Event, matched
from functions.runtime.patterns.flat import Combination, Fields, Wanted
from functions.runtime.patterns.operators import OPERATORS, accepts
from functions.runtime.patterns.values import is_comparable, is_number, show

type Rank = tuple[bool, int]

MOST: Final = 5  # maximum number of a field's values in a sentence


def mismatch(combinations: Sequence[Combination], fields: Fields) -> str | None:
    """Return None if the values of an event match a combination of a pattern, else why they do not.

    The sentence contains the fault of each combination that matches the most fields in the pattern's order.
    """
    faults: dict[str, Rank] = {}
    found = Event(fields, accepts)
    for combination in combinations:
        if matched(combination, found):
            return None
        sentence, rank = _fault(combination, found)
        faults[sentence] = rank
    furthest = max(faults.values())
    return " and ".join(sentence for sentence, rank in faults.items() if rank == furthest)


def describe(alternatives: Sequence[Any]) -> str:
    """Describe the values that a field accepts."""
    return " or ".join(map(_describe, alternatives))


def several(operators: Mapping[str, Any]) -> str:
    """Return the fault of an object with several operators, and what to write for "or" and for "and".

    EventBridge accepts one operator per object and reads a list as "or"; a pattern cannot express "and" for one field.
    """
    either = ", ".join(_as_toml({name: argument}) for name, argument in operators.items())
    any_, all_ = ("either", "both") if len(operators) == 2 else ("any of them", "all of them")  # noqa: PLR2004 - both
    return (
        f"an object can have only one operator, not {' and '.join(operators)}: for {any_} write [{either}]; "
        f"for {all_} {_conjunction(operators)}"
    )


def _conjunction(operators: Mapping[str, Any]) -> str:
    needed = {name: argument for name, argument in operators.items() if (name, argument) != ("exists", True)}
    if needed.keys() == {"prefix", "suffix"} and all(isinstance(each, str) for each in needed.values()):
        start, end = (re.sub(r"([*\\])", r"\\\1", needed[name]) for name in ("prefix", "suffix"))
        needed = {"wildcard": f"{start}*{end}"}
    if len(needed) == 1:
        return f"write [{_as_toml(needed)}]"
    return "write one of them here and check the others in the handler"


def _as_toml(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a value as function.toml writes it."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{name} = {_as_toml(each)}' for name, each in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def _fault(combination: Combination, found: Event) -> tuple[str, Rank]:
    """Return a sentence about the first field of a combination that does not match, and its rank."""
    known: Combination = {}
    for path in sorted(combination, key=lambda path: _rank(combination[path])):
        known[path] = combination[path]
        if not matched(known, found):
            break
    linked = _linked(path, known, found.fields)
    if linked:
        return _of_element([*linked, path], known), _rank(known[path])
    values = [leaf.value for leaf in found.fields.get(path, [])]
    return f"{path}: {_of_values(known[path].alternatives, values)}", _rank(known[path])


def _rank(wanted: Wanted) -> Rank:
    """Rank a field that may be absent last: the other fields decide in which elements it must be absent."""
    return wanted.takes_absence, wanted.unit


def _linked(path: str, known: Combination, found: Fields) -> list[str]:
    """Return the other fields that match in other elements of the array in which a field matches."""
    arrays = _arrays(path, known[path], found)
    before = [other for other in known if other < path or (other > path and not known[path].takes_absence)]
    return [other for other in before if arrays & _arrays(other, known[other], found)]


def _arrays(path: str, wanted: Wanted, found: Fields) -> set[int]:
    """Return the arrays with values that match a field, or that make a field present that may be absent."""
    leaves = found.get(path, [])
    met = (leaf for leaf in leaves if wanted.takes_absence or accepts(wanted.alternatives, leaf.value))
    return {array for leaf in met for array, _ in leaf.place}


def _of_element(paths: Sequence[str], known: Combination) -> str:
    """Say that different elements of an array match the fields, but no single element matches all."""
    names = [path.split(".") for path in paths]
    common = takewhile(lambda level: len(set(level)) == 1, zip(*names, strict=False))
    depth = min(len(list(common)), min(map(len, names)) - 1)
    parts = [
        f"{'.'.join(each[depth:])}: {describe(known[path].alternatives)}"
        for each, path in zip(names, paths, strict=True)
    ]
    amount = "both" if len(parts) == 2 else "all of"  # noqa: PLR2004 - both
    return f"no single element of {'.'.join(names[0][:depth]) or 'an array'} has {amount} {' and '.join(parts)}"


def _of_values(alternatives: Sequence[Any], values: Sequence[Any]) -> str:
    if not values:
        return "missing"
    shown = _shown(values)
    if len(values) == 1 == len(alternatives):
        return f"{shown} {_deny(alternatives[0], values[0])}"
    odd = [value for value in values if is_number(value) and not is_comparable(value)]
    if odd:
        return f"none of {shown} is {describe(alternatives)}; EventBridge cannot compare all digits of {_shown(odd)}"
    if alternatives == [{"exists": False}]:
        return f"{shown} are present and must be absent"
    if len(values) > 1:
        return f"none of {shown} is {describe(alternatives)}"
    return f"{shown} is not one of: {', '.join(map(_describe, alternatives))}"


def _shown(values: Sequence[Any]) -> str:
    """Return the distinct values, at most MOST of them."""
    several = list(dict.fromkeys(map(show, values)))
    more = [f"and {len(several) - MOST} others"] if len(several) > MOST else []
    return ", ".join(several[:MOST] + more)


def _describe(alternative: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(alternative, Mapping):
        ((name, argument),) = alternative.items()
        return OPERATORS[name].describe(argument)
    return show(alternative)


def _deny(alternative: Any, value: Any) -> str:  # noqa: ANN401 - JSON
    if not isinstance(alternative, Mapping):
        return f"is not {show(alternative)}"
    ((name, argument),) = alternative.items()
    if name == "equals-ignore-case" and isinstance(value, str) and value.casefold() == argument.casefold():
        return f"differs from {show(argument)} in the case of letters for which EventBridge does not ignore case"
    if name == "numeric" and is_number(value) and not is_comparable(value):
        return f"has more digits than a double, so EventBridge does not match it with {_describe(alternative)}"
    return OPERATORS[name].deny(argument)
