"""EventBridge event patterns: whether an event matches one, and if it does not, why, in words.

Source: "Creating event patterns", Amazon EventBridge User Guide.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from infra.declaration import did_you_mean
from infra.operators import OPERATORS, same, show

type Pattern = Mapping[str, Any]


class PatternError(ValueError):
    """A pattern that EventBridge would refuse; the message names the dotted path and the fault."""


def check(pattern: Pattern) -> None:
    """Raise PatternError for the first thing in the pattern that EventBridge would refuse."""
    if not pattern:
        message = "the pattern is empty: it would match every event"
        raise PatternError(message)
    try:
        _check_table(pattern, "")
    except RecursionError as error:
        message = "the pattern is nested too deeply"
        raise PatternError(message) from error


def matches(pattern: Pattern, event: Mapping[str, Any]) -> bool:
    """Return whether the event matches a pattern that passed `check`."""
    return mismatch(pattern, event) is None


def mismatch(pattern: Pattern, event: Mapping[str, Any]) -> str | None:
    """Return None when the event matches, else one sentence about the first field that does not."""
    return _mismatch(pattern, [event], "")


def readings(pattern: Pattern, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each field that a pattern asks for, by its dotted path, and what it accepts there, in words."""
    for name, wanted in pattern.items():
        where = f"{path}.{name}" if path else name
        if name == "$or":
            branches = (" and ".join(map(": ".join, readings(branch))) for branch in wanted)
            yield f"{path or 'the event'}, either", ", or ".join(branches)
        elif isinstance(wanted, Mapping):
            yield from readings(wanted, where)
        else:
            yield where, " or ".join(map(_describe, wanted))


def _mismatch(pattern: Pattern, nodes: Sequence[Any], path: str) -> str | None:
    """Match one level; `nodes` are the objects found there, several where an array of objects is on the way."""
    for name, wanted in pattern.items():
        where = f"{path}.{name}" if path else name
        if name == "$or":
            faults = [_mismatch(branch, nodes, path) for branch in wanted]
            fault = None if None in faults else " and ".join(map(str, faults))
        elif isinstance(wanted, Mapping):
            fault = _mismatch(wanted, list(_children(nodes, name)), where)
        else:
            fault = _leaf_fault(wanted, list(_leaves(nodes, name)), where)
        if fault:
            return fault
    return None


def _children(nodes: Sequence[Any], name: str) -> Iterator[Any]:
    """Yield what lies under a name, looking into arrays."""
    for node in nodes:
        if isinstance(node, Mapping) and name in node:
            below = node[name]
            yield from below if isinstance(below, list) else [below]


def _leaves(nodes: Sequence[Any], name: str) -> Iterator[Any]:
    return (value for value in _children(nodes, name) if not isinstance(value, (Mapping, list)))


def _leaf_fault(alternatives: Sequence[Any], values: Sequence[Any], where: str) -> str | None:
    if any(_accepts(alternative, values) for alternative in alternatives):
        return None
    if not values:
        return f"{where}: missing"
    if len(values) == 1 == len(alternatives):
        return f"{where}: {show(values[0])} {_deny(alternatives[0])}"
    wanted = " or ".join(map(_describe, alternatives))
    if len(values) > 1:
        return f"{where}: none of {', '.join(map(show, values))} is {wanted}"
    return f"{where}: {show(values[0])} is none of: {', '.join(map(_describe, alternatives))}"


def _accepts(alternative: Any, values: Sequence[Any]) -> bool:  # noqa: ANN401 - JSON
    if isinstance(alternative, Mapping):
        ((name, argument),) = alternative.items()
        if name == "exists":
            return bool(values) is argument
        return any(OPERATORS[name].test(argument, value) for value in values)
    return any(same(alternative, value) for value in values)


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


def _check_table(pattern: Pattern, path: str) -> None:
    for name, wanted in pattern.items():
        where = f"{path}.{name}" if path else name
        if name == "$or":
            _check_or(wanted, where)
        elif isinstance(wanted, Mapping):
            if not wanted:
                _refuse(where, "an empty object matches nothing")
            _check_table(wanted, where)
        elif not isinstance(wanted, list):
            _refuse(where, f"must be a list of values, not {show(wanted)}")
        elif not wanted:
            _refuse(where, "an empty list matches nothing")
        else:
            for alternative in wanted:
                _check_alternative(alternative, where)


def _check_or(branches: Any, where: str) -> None:  # noqa: ANN401 - JSON
    if not isinstance(branches, list) or len(branches) < 2:  # noqa: PLR2004 - either, or
        _refuse(where, "must be a list of two patterns or more")
    for branch in branches:
        if not isinstance(branch, Mapping) or not branch:
            _refuse(where, "each branch must be a pattern")
        _check_table(branch, where)


def _check_alternative(alternative: Any, where: str) -> None:  # noqa: ANN401 - JSON
    if isinstance(alternative, list):
        _refuse(where, "a list within a list matches nothing")
    if not isinstance(alternative, Mapping):
        return
    if len(alternative) != 1:
        _refuse(where, f"an operator stands alone, not {len(alternative)} in one object")
    ((name, argument),) = alternative.items()
    if name not in OPERATORS:
        _refuse(where, f"unknown operator '{name}'{did_you_mean(name, OPERATORS)}")
    fault = OPERATORS[name].fault(argument)
    if fault:
        _refuse(where, f"{name} {fault}")


def _refuse(where: str, fault: str) -> NoReturn:
    message = f"{where}: {fault}"
    raise PatternError(message)
