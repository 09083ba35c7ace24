"""The comparison operators of EventBridge patterns: how each tests a value, and how a sentence describes it.

Sources: "Comparison operators for use in event patterns", Amazon EventBridge User Guide, and aws/event-ruler, the
engine of EventBridge; decision 20 says where they differ.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from functions.runtime.patterns import addresses, wildcards
from functions.runtime.patterns.operator_arguments import SIGNS, listed, pairs
from functions.runtime.patterns.values import folded_length, is_comparable, is_number, same, show

COMPARISONS: Final = dict(zip(SIGNS, (operator.lt, operator.le, operator.eq, operator.gt, operator.ge), strict=True))


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: `describe` says which values it accepts, `deny` completes "<value> …" for a value it rejects."""

    test: Callable[[Any, Any], bool]
    describe: Callable[[Any], str]
    deny: Callable[[Any], str]


def accepts(alternatives: Sequence[Any], value: Any) -> bool:  # noqa: ANN401 - JSON
    """Return whether a value matches one of the alternatives of a field."""
    for alternative in alternatives:
        if isinstance(alternative, Mapping):
            ((name, argument),) = alternative.items()
            if OPERATORS[name].test(argument, value):
                return True
        elif same(alternative, value):
            return True
    return False


def _affix(test: Callable[[str, str], bool], *, backwards: bool) -> Callable[[Any, Any], bool]:
    """Return the test of prefix or suffix; the argument may be {equals-ignore-case: text}."""

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
    """Return the description of prefix or suffix: `words` and the argument, or `otherwise` for an empty argument."""

    def text(argument: Any) -> str:  # noqa: ANN401 - JSON
        if isinstance(argument, Mapping):
            return f"{words} {show(argument['equals-ignore-case'])} in any case"
        return f"{words} {show(argument)}" if argument else otherwise

    return text


def _wildcard(argument: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, str) and wildcards.accepts(argument, value)


def _numeric(argument: Sequence[Any], value: Any) -> bool:  # noqa: ANN401 - JSON
    return (
        is_number(value)
        and is_comparable(value)
        and all(COMPARISONS[sign](float(value), float(bound)) for sign, bound in pairs(argument))
    )


def _numeric_text(argument: Sequence[Any]) -> str:
    return "a number " + " and ".join(f"{sign} {bound}" for sign, bound in pairs(argument))


def _cidr(argument: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    wanted = addresses.block(argument)
    return isinstance(value, str) and wanted is not None and addresses.holds(wanted, value)


def _anything_but(argument: Any, value: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        ((name, inner),) = argument.items()
        return not any(OPERATORS[name].test(each, value) for each in listed(inner))
    if isinstance(value, str):
        return value not in listed(argument)
    return not any(not isinstance(each, str) and same(each, value) for each in listed(argument))


def _anything_but_text(argument: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        ((name, inner),) = argument.items()
        kind = "" if name == "equals-ignore-case" else "texts "
        return f"anything but {kind}" + " or ".join(OPERATORS[name].describe(each) for each in listed(inner))
    return "anything but " + " or ".join(map(show, listed(argument)))


def _plain(test: Callable[[Any, Any], bool], describe: Callable[[Any], str]) -> Operator:
    """Return an operator that denies a value with "is not" and its description."""
    return Operator(test, describe, lambda wanted: f"is not {describe(wanted)}")


OPERATORS: Final = {
    "exactly": _plain(operator.eq, show),
    "prefix": Operator(
        _affix(str.startswith, backwards=False),
        _affix_text("starting with", "any text"),
        _affix_text("does not start with", "is not a text"),
    ),
    "suffix": Operator(
        _affix(str.endswith, backwards=True),
        _affix_text("ending with", "any text"),
        _affix_text("does not end with", "is not a text"),
    ),
    "equals-ignore-case": _plain(_folded, lambda wanted: f"{show(wanted)} in any case"),
    "wildcard": _plain(_wildcard, lambda wanted: f"like {show(wanted)}"),
    "anything-but": Operator(
        _anything_but,
        _anything_but_text,
        lambda wanted: f"is excluded: the pattern accepts {_anything_but_text(wanted)}",
    ),
    "numeric": _plain(_numeric, _numeric_text),
    "cidr": _plain(_cidr, lambda wanted: f"an address in {wanted}"),
    "exists": Operator(
        lambda wanted, _value: wanted,  # a value never matches exists = false
        lambda wanted: "any value" if wanted else "absent",
        lambda _wanted: "is present and must be absent",
    ),
}
