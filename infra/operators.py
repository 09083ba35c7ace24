"""The comparison operators of EventBridge patterns: how each checks its argument, tests a value, and reads in words.

Source: "Comparison operators for use in event patterns", Amazon EventBridge User Guide.
"""

import ipaddress
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

SHOWN: Final = 80
COMPARISONS: Final = {"<": operator.lt, "<=": operator.le, "=": operator.eq, ">": operator.gt, ">=": operator.ge}
NUMBER_LIMIT: Final = 5_000_000_000  # the guide's bound, either way


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison operator; `fault` returns what is wrong with its argument, None when nothing is.

    `describe` says what it accepts, `deny` what is to be said of a value that it does not.
    """

    fault: Callable[[Any], str | None]
    test: Callable[[Any, Any], bool]
    describe: Callable[[Any], str]
    deny: Callable[[Any], str]


def same(wanted: Any, value: Any) -> bool:  # noqa: ANN401 - JSON
    """Compare as JSON does: true is not 1, although Python says so; 1.0 is 1."""
    return isinstance(wanted, bool) == isinstance(value, bool) and bool(wanted == value)


def show(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a value for a sentence, cut at 80 characters."""
    words = {"None": "null", "True": "true", "False": "false"}
    text = words.get(repr(value), repr(value))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _text_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    return None if isinstance(argument, str) and argument else f"takes a text, not {show(argument)}"


def _affix_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        folded = argument.get("equals-ignore-case") if len(argument) == 1 else None
        return None if folded and isinstance(folded, str) else "takes a text or {equals-ignore-case: text}"
    return None if isinstance(argument, str) else f"takes a text, not {show(argument)}"


def _affix(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    """Return the test of prefix or suffix, whose argument may ask to ignore case."""

    def accepts(argument: Any, value: Any) -> bool:  # noqa: ANN401 - JSON
        if not isinstance(value, str):
            return False
        if isinstance(argument, Mapping):
            return test(value.lower(), argument["equals-ignore-case"].lower())
        return test(value, argument)

    return accepts


def _affix_text(words: str, otherwise: str) -> Callable[[Any], str]:
    """Return how prefix or suffix reads: its words and the argument, or `otherwise` where any text will do."""

    def text(argument: Any) -> str:  # noqa: ANN401 - JSON
        if isinstance(argument, Mapping):
            return f"{words} {show(argument['equals-ignore-case'])} in any case"
        return f"{words} {show(argument)}" if argument else otherwise

    return text


def _wildcard_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if not isinstance(argument, str) or not argument:
        return f"takes a text, not {show(argument)}"
    if re.search(r"\\(?![*\\])", re.sub(r"\\[*\\]", "", argument)):
        return "knows only the escapes \\* and \\\\"
    return "takes no two * in a row" if "**" in re.sub(r"\\[*\\]", "x", argument) else None


def _wildcard(argument: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    pieces = re.findall(r"\\([*\\])|(\*)|([^*\\]+)", argument)
    regex = "".join(".*" if star else re.escape(escaped or text) for escaped, star, text in pieces)
    return isinstance(value, str) and re.fullmatch(regex, value, re.DOTALL) is not None


def _number(value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _numeric_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if not isinstance(argument, list) or len(argument) not in {2, 4}:
        return "takes a comparison and a number, or two of each"
    for sign, bound in zip(argument[::2], argument[1::2], strict=True):
        if not isinstance(sign, str) or sign not in COMPARISONS:
            return f"knows {' '.join(COMPARISONS)}, not {show(sign)}"
        if not _number(bound) or abs(bound) > NUMBER_LIMIT:
            return f"takes numbers between ±{NUMBER_LIMIT:,}, not {show(bound)}"
    if len(argument) == 4 and (argument[0] not in {">", ">="} or argument[2] not in {"<", "<="}):  # noqa: PLR2004 - a range
        return "takes a range as > or >= and then < or <="
    return None


def _numeric(argument: Sequence[Any], value: Any) -> bool:  # noqa: ANN401 - JSON
    pairs = zip(argument[::2], argument[1::2], strict=True)
    return _number(value) and all(COMPARISONS[sign](value, bound) for sign, bound in pairs)


def _numeric_text(argument: Sequence[Any]) -> str:
    pairs = zip(argument[::2], argument[1::2], strict=True)
    return "a number " + " and ".join(f"{sign} {bound}" for sign, bound in pairs)


def _cidr_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    try:
        ipaddress.ip_network(argument if isinstance(argument, str) and "/" in argument else "", strict=False)
    except ValueError:
        return f"takes a block such as 10.0.0.0/24, not {show(argument)}"
    return None


def _cidr(argument: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    try:
        return isinstance(value, str) and ipaddress.ip_address(value) in ipaddress.ip_network(argument, strict=False)
    except ValueError:
        return False


def _but_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        ((name, inner),) = argument.items() if len(argument) == 1 else (("", None),)
        if name not in BUT:
            return f"takes values or one of {', '.join(BUT)}"
        faults = [OPERATORS[name].fault(each) for each in _listed(inner)] or ["takes at least one value"]
        return next((fault for fault in faults if fault), None)
    values = _listed(argument)
    plain = all(isinstance(value, str) or _number(value) for value in values)
    return None if values and plain else f"takes texts or numbers, not {show(argument)}"


def _but(argument: Any, value: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        ((name, inner),) = argument.items()
        return not any(OPERATORS[name].test(each, value) for each in _listed(inner))
    return not any(same(each, value) for each in _listed(argument))


def _but_text(argument: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(argument, Mapping):
        ((name, inner),) = argument.items()
        kind = "" if name == "equals-ignore-case" or "" in _listed(inner) else "texts "
        return f"anything but {kind}" + " or ".join(OPERATORS[name].describe(each) for each in _listed(inner))
    return "anything but " + " or ".join(map(show, _listed(argument)))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]


def _folded(argument: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, str) and value.lower() == argument.lower()


def _exists_fault(argument: Any) -> str | None:  # noqa: ANN401 - JSON
    return None if isinstance(argument, bool) else f"takes true or false, not {show(argument)}"


def _called(
    fault: Callable[[Any], str | None], test: Callable[[Any, Any], bool], describe: Callable[[Any], str]
) -> Operator:
    """Return an operator whose words may follow "is not"."""
    return Operator(fault, test, describe, lambda wanted: f"is not {describe(wanted)}")


BUT: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard")
OPERATORS: Final = {
    "prefix": Operator(
        _affix_fault,
        _affix(str.startswith),
        _affix_text("starting with", "any text"),
        _affix_text("does not start with", "is not a text"),
    ),
    "suffix": Operator(
        _affix_fault,
        _affix(str.endswith),
        _affix_text("ending with", "any text"),
        _affix_text("does not end with", "is not a text"),
    ),
    "equals-ignore-case": _called(_text_fault, _folded, lambda wanted: f"{show(wanted)} in any case"),
    "wildcard": _called(_wildcard_fault, _wildcard, lambda wanted: f"like {show(wanted)}"),
    "anything-but": Operator(_but_fault, _but, _but_text, lambda wanted: f"is excluded: wanted is {_but_text(wanted)}"),
    "numeric": _called(_numeric_fault, _numeric, _numeric_text),
    "cidr": _called(_cidr_fault, _cidr, lambda wanted: f"an address in {wanted}"),
    "exists": Operator(
        _exists_fault,
        lambda _wanted, _value: True,
        lambda wanted: "any value" if wanted else "absent",
        lambda _wanted: "is there, and must be absent",
    ),
}
