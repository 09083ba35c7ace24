"""Changes an event so that it matches a pattern, with an example value for each operator."""

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from functions.runtime.patterns import addresses, pattern
from functions.runtime.patterns.flat import OR, is_or
from functions.runtime.patterns.values import show
from herald.errors import CommandError

WORD: Final = "example"
ABSENT: Final = object()


def matching(wanted: pattern.Pattern, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event, changed so that it matches; CommandError names a field without an example."""
    made = _fitted(wanted, event, "")
    fault = pattern.mismatch(wanted, made)
    if fault:
        raise CommandError(f"no event can be made up that matches the pattern: {fault}")
    return made


def _fitted(wanted: pattern.Pattern, node: Mapping[str, Any], path: str) -> dict[str, Any]:
    made = dict(node)
    for name, below in wanted.items():
        where = f"{path}.{name}" if path else name
        if pattern.matches({name: below}, made):
            continue
        if name == OR and is_or(below):
            made = _fitted_branch(below, made, path)
        elif isinstance(below, Mapping):
            found = made.get(name)
            made[name] = _fitted(below, found if isinstance(found, dict) else {}, where)
        else:
            made[name] = _value(below, where)
            made = {key: each for key, each in made.items() if each is not ABSENT}
    return made


def _fitted_branch(branches: Sequence[pattern.Pattern], node: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the node changed to match the first branch that has an example."""
    *others, last = branches
    for branch in others:
        try:
            return _fitted(branch, node, path)
        except CommandError:  # any branch of $or is enough
            continue
    return _fitted(last, node, path)


def _value(alternatives: Sequence[Any], where: str) -> Any:  # noqa: ANN401 - JSON
    for alternative in alternatives:
        for candidate in _candidates(alternative):
            held = {} if candidate is ABSENT else {"x": candidate}
            if pattern.matches({"x": [alternative]}, held):
                return candidate
    raise CommandError(f"{where}: no value can be made up for {show(list(alternatives))}")


def _candidates(alternative: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """Yield candidate values for one alternative of a field."""
    if not isinstance(alternative, Mapping):
        yield alternative
        return
    ((name, argument),) = alternative.items()
    text = argument.get("equals-ignore-case") if isinstance(argument, Mapping) else argument
    match name:
        case "prefix":
            yield f"{text}{WORD}"
        case "suffix":
            yield f"{WORD}{text}"
        case "equals-ignore-case" | "exactly":
            yield text
        case "wildcard":
            yield re.sub(r"\\([*\\])|\*", lambda found: found[1] or WORD, argument)
        case "numeric":
            bounds = argument[1::2]
            yield from (number for bound in bounds for number in (bound, bound + 1, bound - 1))
            yield sum(bounds) / len(bounds)
        case "cidr":
            low, _ = addresses.block(argument) or ("00000000", "")
            family = ipaddress.IPv4Address if len(low) == 8 else ipaddress.IPv6Address  # noqa: PLR2004 - digits
            yield str(family(int(low, 16) + 1))
        case "exists":
            yield WORD if argument else ABSENT
        case "anything-but":
            yield from (WORD, f"another {WORD}", 0, 1)
