"""Why an event does not match a pattern: one sentence about the first field that does not."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final

from infra.flat import Combination, Fields, matched
from infra.operators import OPERATORS, accepts
from infra.values import is_comparable, is_number, show

MOST: Final = 5  # values of one field that a sentence shows


def mismatch(combinations: Sequence[Combination], found: Fields) -> str | None:
    """Return None when the values of an event match one of the combinations of a pattern, else why they do not.

    Of the combinations that come furthest in the pattern, every one says what it lacks.
    """
    faults: dict[str, int] = {}
    for combination in combinations:
        if matched(combination, found, accepts):
            return None
        sentence, unit = _fault(combination, found)
        faults[sentence] = unit
    furthest = max(faults.values())
    return " and ".join(sentence for sentence, unit in faults.items() if unit == furthest)


def describe(alternatives: Sequence[Any]) -> str:
    """Return what a field accepts, in words."""
    return " or ".join(map(_describe, alternatives))


def _fault(combination: Combination, found: Fields) -> tuple[str, int]:
    """Return a sentence about the first field of a combination that is not met, and its unit.

    Fields that may be absent come last: from which elements they must be absent depends on the others.
    """
    known: Combination = {}
    for path, wanted in sorted(combination.items(), key=lambda item: (item[1].takes_absence, item[1].unit)):
        known[path] = wanted
        if not matched(known, found, accepts):
            break
    values = [leaf.value for leaf in found.get(path, [])]
    linked = _linked(path, known, found)
    sentence = _of_element([*linked, path], known) if linked else f"{path}: {_of_values(wanted.alternatives, values)}"
    return sentence, wanted.unit


def _linked(path: str, known: Combination, found: Fields) -> list[str]:
    """Return the other fields that, met elsewhere in an array, keep a field from being met in the same element."""
    wanted = known[path]
    met = [leaf for leaf in found.get(path, []) if wanted.takes_absence or accepts(wanted.alternatives, leaf.value)]
    arrays = {array for leaf in met for array, _ in leaf.place}
    before = [other for other in known if other < path or (other > path and not wanted.takes_absence)]
    return [
        other for other in before if any(arrays & {array for array, _ in leaf.place} for leaf in found.get(other, []))
    ]


def _of_element(paths: Sequence[str], known: Combination) -> str:
    """Return that no element of an array meets several fields, each of which some element meets."""
    names = [path.split(".") for path in paths]
    common = takewhile(lambda level: len(set(level)) == 1, zip(*names, strict=False))
    depth = min(len(list(common)), min(map(len, names)) - 1)
    parts = [
        f"{'.'.join(each[depth:])}: {describe(known[path].alternatives)}"
        for each, path in zip(names, paths, strict=True)
    ]
    amount = "both" if len(parts) == 2 else "all of"  # noqa: PLR2004 - both
    return f"no single element of {'.'.join(names[0][:depth])} has {amount} {' and '.join(parts)}"


def _of_values(alternatives: Sequence[Any], values: Sequence[Any]) -> str:
    if not values:
        return "missing"
    if all(is_number(value) and not is_comparable(value) for value in values):
        shown = _shown(values)
        return f"{shown} has digits that no double holds, so EventBridge does not find it {describe(alternatives)}"
    if len(values) == 1 == len(alternatives):
        return f"{show(values[0])} {_deny(alternatives[0])}"
    shown = _shown(values)
    if alternatives == [{"exists": False}]:
        return f"{shown} are there, and must be absent"
    if len(values) > 1:
        return f"none of {shown} is {describe(alternatives)}"
    return f"{shown} is none of: {', '.join(map(_describe, alternatives))}"


def _shown(values: Sequence[Any]) -> str:
    """Return the values that differ, the first few of many."""
    several = list(dict.fromkeys(map(show, values)))
    more = [f"and {len(several) - MOST} others"] if len(several) > MOST else []
    return ", ".join(several[:MOST] + more)


def _describe(alternative: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(alternative, Mapping):
        ((name, argument),) = alternative.items()
        return OPERATORS[name].describe(argument)
    return show(alternative)


def _deny(alternative: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(alternative, Mapping):
        ((name, argument),) = alternative.items()
        return OPERATORS[name].deny(argument)
    return f"is not {show(alternative)}"
