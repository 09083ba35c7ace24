"""Validates the arguments of EventBridge's comparison operators.

Source: "Comparison operators for use in event patterns", Amazon EventBridge User Guide, and aws/event-ruler.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from functions.runtime.patterns import addresses, wildcards
from functions.runtime.patterns.values import is_comparable, is_number, show

SIGNS: Final = ("<", "<=", "=", ">", ">=")
BUT: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard")  # operators that anything-but may contain


def pairs(argument: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the comparisons of a `numeric`, such as ">=" and 0."""
    return zip(argument[::2], argument[1::2], strict=True)


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """Return an argument that may be one value or a list as a list."""
    return value if isinstance(value, list) else [value]


def _text(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    return None if isinstance(argument, str) else f"needs a text, not {show(argument)}"


def _affix(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        folded = argument.get("equals-ignore-case") if len(argument) == 1 else None
        return None if isinstance(folded, str) else "needs a text or { equals-ignore-case = text }"
    return _text(argument)


def _wildcard(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    return _text(argument) or wildcards.fault(argument)


def _numeric(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if not isinstance(argument, list) or len(argument) not in {2, 4}:
        return "needs a comparison and a number, or two of each"
    for sign, bound in pairs(argument):
        if not isinstance(sign, str) or sign not in SIGNS:
            return f"accepts the comparisons {' '.join(SIGNS)}, not {show(sign)}"
        fault = _number(bound)
        if fault:
            return fault
    return _range(argument) if len(argument) == 4 else None  # noqa: PLR2004 - two comparisons


def _range(argument: Sequence[Any]) -> str | None:
    if argument[0] not in {">", ">="} or argument[2] not in {"<", "<="}:
        return "needs a range in the order > or >=, then < or <="
    if argument[1] >= argument[3]:
        return f"needs a range from a lower to a higher number, not {argument[1]} to {argument[3]}"
    return None


def _number(number: Any) -> str | None:  # noqa: ANN401 - JSON
    if not is_number(number):
        return f"needs numbers, not {show(number)}"
    return None if is_comparable(number) else f"needs numbers that a double represents exactly, not {show(number)}"


def _cidr(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if isinstance(argument, str) and addresses.block(argument):
        return None
    return f"needs a block of at least two addresses, such as 10.0.0.0/24, not {show(argument)}"


def _anything_but(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        ((name, inner),) = argument.items() if len(argument) == 1 else (("", None),)
        if name not in BUT:
            return f"needs values or one of {', '.join(BUT)}"
        faults = [_nested(name, each) for each in listed(inner)] or ["needs at least one value"]
        return next((fault for fault in faults if fault), None)
    values = listed(argument)
    if values and all(isinstance(value, str) for value in values):
        return None
    if not values or not all(map(is_number, values)):
        return f"needs only texts or only numbers, not {show(argument)}"
    return next(filter(None, map(_number, values)), None)


def _nested(name: str, argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if name in {"prefix", "suffix"} and (not argument or not isinstance(argument, str)):
        return f"needs a {name} that is a text and not empty, not {show(argument)}"
    return FAULTS[name](argument)


def _exists(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    return None if isinstance(argument, bool) else f"needs true or false, not {show(argument)}"


# Each returns why an argument is invalid, as the rest of a sentence that begins with the operator; None if it is valid.
FAULTS: Final[Mapping[str, Callable[[Any], str | None]]] = {
    "exactly": _text,
    "prefix": _affix,
    "suffix": _affix,
    "equals-ignore-case": _text,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
    "exists": _exists,
}
