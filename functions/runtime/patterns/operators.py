"""The comparison operators of EventBridge patterns: how each checks its argument, tests a value, and reads in words.

Sources: "Comparison operators for use in event patterns", Amazon EventBridge User Guide, and aws/event-ruler, the
engine of EventBridge; decision 20 says where they differ.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from functions.runtime.patterns import addresses, wildcards
from functions.runtime.patterns.values import folded_length, is_comparable, is_number, same, show

COMPARISONS: Final = {"<": operator.lt, "<=": operator.le, "=": operator.eq, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison operator; `fault` returns what is wrong with its argument, None when nothing is.

    `describe` says what it accepts, `deny` what is to be said of a value that it does not.
    """

    fault: Callable[[Any], str | None]
    test: Callable[[Any, Any], bool]
    describe: Callable[[Any], str]
    deny: Callable[[Any], str]


def accepts(alternatives: Sequence[Any], value: Any) -> bool:  # noqa: ANN401 - JSON
    """Judge whether a value meets one of the alternatives of a field."""
    for alternative in alternatives:
        if isinstance(alternative, Mapping):
            ((name, argument),) = alternative.items()
            if OPERATORS[name].test(argument, value):
                return True
        elif same(alternative, value):
            return True
    return False


def _text_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    return None if isinstance(argument, str) else f"takes a text, not {show(argument)}"


def _affix_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        folded = argument.get("equals-ignore-case") if len(argument) == 1 else None
        return None if isinstance(folded, str) else "takes a text or {equals-ignore-case: text}"
    return _text_fault(argument)


def _affix(test: Callable[[str, str], bool], *, backwards: bool) -> Callable[[Any, Any], bool]:
    """Return the test of prefix or suffix, whose argument may ask to ignore case."""

    def accepted(argument: Any, value: Any) -> bool:  # noqa: ANN401 - JSON
        if not isinstance(value, str):
            return False
        if isinstance(argument, Mapping):
            return folded_length(argument["equals-ignore-case"], value, backwards=backwards) is not None
        return test(value, argument)

    return accepted


def _folded(argument: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, str) and folded_length(argument, value) == len(value)


def _affix_text(words: str, otherwise: str) -> Callable[[Any], str]:
    """Return how prefix or suffix reads: its words and the argument, or `otherwise` where any text will do."""

    def text(argument: Any) -> str:  # noqa: ANN401 - JSON
        if isinstance(argument, Mapping):
            return f"{words} {show(argument['equals-ignore-case'])} in any case"
        return f"{words} {show(argument)}" if argument else otherwise

    return text


def _wildcard_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    return _text_fault(argument) or wildcards.fault(argument)


def _numeric_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if not isinstance(argument, list) or len(argument) not in {2, 4}:
        return "takes a comparison and a number, or two of each"
    for sign, bound in _pairs(argument):
        if not isinstance(sign, str) or sign not in COMPARISONS:
            return f"knows {' '.join(COMPARISONS)}, not {show(sign)}"
        fault = _number_fault(bound)
        if fault:
            return fault
    if len(argument) == 4:  # noqa: PLR2004 - a range
        if argument[0] not in {">", ">="} or argument[2] not in {"<", "<="}:
            return "takes a range as > or >= and then < or <="
        if argument[1] >= argument[3]:
            return f"takes a range from a lower number to a higher one, not {argument[1]} to {argument[3]}"
    return None


def _number_fault(number: Any) -> str | None:  # noqa: ANN401 - JSON
    if not is_number(number):
        return f"takes numbers, not {show(number)}"
    return None if is_comparable(number) else f"takes numbers that a double holds to the last digit, not {show(number)}"


def _pairs(argument: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    return zip(argument[::2], argument[1::2], strict=True)


def _numeric(argument: Sequence[Any], value: Any) -> bool:  # noqa: ANN401 - JSON
    return (
        is_number(value)
        and is_comparable(value)
        and all(COMPARISONS[sign](float(value), float(bound)) for sign, bound in _pairs(argument))
    )


def _cidr_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if isinstance(argument, str) and addresses.block(argument):
        return None
    return f"takes a block of two addresses or more, such as 10.0.0.0/24, not {show(argument)}"


def _cidr(argument: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    wanted = addresses.block(argument)
    return isinstance(value, str) and wanted is not None and addresses.holds(wanted, value)


def _but_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        ((name, inner),) = argument.items() if len(argument) == 1 else (("", None),)
        if name not in BUT:
            return f"takes values or one of {', '.join(BUT)}"
        faults = [_nested_fault(name, each) for each in _listed(inner)] or ["takes at least one value"]
        return next((fault for fault in faults if fault), None)
    values = _listed(argument)
    if values and all(isinstance(value, str) for value in values):
        return None
    if not values or not all(map(is_number, values)):
        return f"takes texts or numbers, and not both, not {show(argument)}"
    return next(filter(None, map(_number_fault, values)), None)


def _nested_fault(name: str, argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if name in {"prefix", "suffix"} and (not argument or not isinstance(argument, str)):
        return f"takes a {name} that is a text and not empty, not {show(argument)}"
    return OPERATORS[name].fault(argument)


def _but(argument: Any, value: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        ((name, inner),) = argument.items()
        return not any(OPERATORS[name].test(each, value) for each in _listed(inner))
    if isinstance(value, str):
        return value not in _listed(argument)
    return not any(not isinstance(each, str) and same(each, value) for each in _listed(argument))


def _but_text(argument: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        ((name, inner),) = argument.items()
        kind = "" if name == "equals-ignore-case" else "texts "
        return f"anything but {kind}" + " or ".join(OPERATORS[name].describe(each) for each in _listed(inner))
    return "anything but " + " or ".join(map(show, _listed(argument)))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]


def _exists_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    return None if isinstance(argument, bool) else f"takes true or false, not {show(argument)}"


def _called(
    fault: Callable[[Any], str | None], test: Callable[[Any, Any], bool], describe: Callable[[Any], str]
) -> Operator:
    """Return an operator whose words may follow "is not"."""
    return Operator(fault, test, describe, lambda wanted: f"is not {describe(wanted)}")


BUT: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard")
OPERATORS: Final = {
    "exactly": _called(_text_fault, operator.eq, show),
    "prefix": Operator(
        _affix_fault,
        _affix(str.startswith, backwards=False),
        _affix_text("starting with", "any text"),
        _affix_text("does not start with", "is not a text"),
    ),
    "suffix": Operator(
        _affix_fault,
        _affix(str.endswith, backwards=True),
        _affix_text("ending with", "any text"),
        _affix_text("does not end with", "is not a text"),
    ),
    "equals-ignore-case": _called(_text_fault, _folded, lambda wanted: f"{show(wanted)} in any case"),
    "wildcard": _called(
        _wildcard_fault,
        lambda wanted, value: isinstance(value, str) and wildcards.accepts(wanted, value),
        lambda wanted: f"like {show(wanted)}",
    ),
    "anything-but": Operator(_but_fault, _but, _but_text, lambda wanted: f"is excluded: wanted is {_but_text(wanted)}"),
    "numeric": _called(
        _numeric_fault,
        _numeric,
        lambda wanted: "a number " + " and ".join(f"{sign} {bound}" for sign, bound in _pairs(wanted)),
    ),
    "cidr": _called(_cidr_fault, _cidr, lambda wanted: f"an address in {wanted}"),
    "exists": Operator(
        _exists_fault,
        lambda wanted, _value: wanted,  # a field that must be absent is not met by any value
        lambda wanted: "any value" if wanted else "absent",
        lambda _wanted: "is there, and must be absent",
    ),
}
