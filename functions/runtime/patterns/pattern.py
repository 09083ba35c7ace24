"""EventBridge event patterns: validates them, matches events, and explains why an event does not match.

Sources: "Creating event patterns", Amazon EventBridge User Guide, and aws/event-ruler, the engine of EventBridge.
"""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, Final, NoReturn

from functions.runtime.core.suggestions import did_you_mean
from functions.runtime.patterns import array_matching, explain, flat, wildcards
from functions.runtime.patterns.explain import describe
from functions.runtime.patterns.flat import OR, joined
from functions.runtime.patterns.operator_arguments import FAULTS
from functions.runtime.patterns.operators import accepts
from functions.runtime.patterns.values import is_comparable, is_number, show

type Pattern = Mapping[str, Any]

COMBINATIONS_LIMIT: Final = 1_000  # "Or matching" in "Comparison operators for use in event patterns"
FIELDS_LIMIT: Final = 256  # MAXIMUM_RULE_SIZE in aws/event-ruler, GenericMachine.java


class PatternError(ValueError):
    """An invalid pattern; the message names the dotted path and the fault."""


def check(pattern: Pattern) -> None:
    """Raise PatternError for the first fault for which EventBridge would refuse the pattern."""
    if not pattern:
        raise PatternError("the pattern is empty: it would match every event")
    try:
        _check_either(pattern)
        _check_combinations(pattern)
        _check_complexity(pattern)
    except RecursionError as error:
        raise PatternError("the pattern is nested too deeply") from error


def check_declared(pattern: Pattern) -> None:
    """Raise PatternError for a valid pattern with a condition that CDK or EventBridge would drop.

    Of two conditions on one field, EventBridge keeps the last. Source: aws/event-ruler, JsonRuleCompiler.java.
    """
    for combination in flat.combinations(pattern):
        for path, wanted in combination.items():
            fault = next(filter(None, map(_lost, wanted.alternatives)), None)
            if fault:
                _refuse(path, fault)
            if wanted.replaces:
                _refuse(
                    path,
                    "the pattern has two conditions for this field (outside and inside $or, or as two spellings of one "
                    "path), and EventBridge keeps only the last; repeat the whole condition in each branch",
                )


def matches(pattern: Pattern, event: Mapping[str, Any]) -> bool:
    """Return whether the event matches a pattern that passed `check`."""
    combinations = flat.combinations(pattern)
    found = array_matching.Event(flat.fields(event, combinations), accepts)
    return any(array_matching.matched(each, found) for each in combinations)


def mismatch(pattern: Pattern, event: Mapping[str, Any]) -> str | None:
    """Return None if the event matches, else one sentence about the first field that does not match."""
    combinations = flat.combinations(pattern)
    return explain.mismatch(combinations, flat.fields(event, combinations))


def readings(pattern: Pattern, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the dotted path of each field in a pattern, and a description of the values that it accepts."""
    for name, wanted in pattern.items():
        where = joined(path, name)
        if name == OR and flat.is_or(wanted):
            branches = (" and ".join(map(": ".join, readings(branch))) for branch in wanted)
            yield f"{path or 'the event'}, either", ", or ".join(branches)
        elif isinstance(wanted, Mapping):
            yield from readings(wanted, where)
        else:
            yield where, describe(wanted)


def _check_either(pattern: Pattern) -> None:
    """Check a pattern with `$or` as the operator; if that fails, with `$or` as the name of a field.

    If both fail, the error is that of the operator. Source: aws/event-ruler, GenericMachine.addRule.
    """
    try:
        _check_table(pattern, "", operator=True)
    except PatternError as fault:
        try:
            _check_table(pattern, "", operator=False)
        except PatternError:
            raise fault from None


def _check_table(table: Pattern, path: str, *, operator: bool, within_or: bool = False) -> None:
    for name, wanted in table.items():
        where = joined(path, name)
        if name == OR and operator:
            _check_or(wanted, path, where)
        elif within_or and name in flat.RESERVED:
            _refuse(where, f"'{name}' is reserved, so no field within $or can have this name")
        elif isinstance(wanted, Mapping):
            if not wanted:
                _refuse(where, "an empty object matches nothing")
            _check_table(wanted, where, operator=operator, within_or=within_or)
        elif not isinstance(wanted, list):
            _refuse(where, f"must be a list of values, not {show(wanted)}")
        elif not wanted:
            _refuse(where, "an empty list matches nothing")
        else:
            for alternative in wanted:
                _check_alternative(alternative, where)


def _check_or(branches: Any, path: str, where: str) -> None:  # noqa: ANN401 - JSON
    if not isinstance(branches, list) or len(branches) < 2:  # noqa: PLR2004 - either, or
        _refuse(where, "must be a list of at least two patterns")
    for branch in branches:
        if not isinstance(branch, Mapping) or not branch:
            _refuse(where, "each branch must be a pattern")
        _check_table(branch, path, operator=True, within_or=True)


def _check_alternative(alternative: Any, where: str) -> None:  # noqa: ANN401 - JSON
    if isinstance(alternative, list):
        _refuse(where, "a list within a list matches nothing")
    if not isinstance(alternative, Mapping):
        if not (alternative is None or isinstance(alternative, (str, bool)) or is_number(alternative)):
            _refuse(where, f"accepts texts, numbers, true and false, not {show(alternative)}")
        return
    if not alternative:
        _refuse(where, "an empty object matches nothing; write an operator, such as { exists = true }")
    for name, argument in alternative.items():
        if name not in FAULTS:
            _refuse(where, f"unknown operator '{name}'{did_you_mean(name, FAULTS)}")
        fault = FAULTS[name](argument)
        if fault:
            _refuse(where, f"{name} {fault}")
    if len(alternative) > 1:
        _refuse(where, explain.several(alternative))


def _check_combinations(pattern: Pattern) -> None:
    found = _combinations(pattern)
    if found > COMBINATIONS_LIMIT:
        _refuse(OR, f"{found:,} combinations of branches exceed EventBridge's limit of {COMBINATIONS_LIMIT:,}")
    fields = max(map(len, flat.combinations(pattern)))
    if fields > FIELDS_LIMIT:
        raise PatternError(f"the pattern has {fields:,} fields; EventBridge's limit is {FIELDS_LIMIT}")


def _combinations(table: Pattern) -> int:
    """Return the product of the lengths of all `$or`, including nested ones, as EventBridge counts combinations."""
    below = [wanted for wanted in table.values() if isinstance(wanted, Mapping)]
    branches = table[OR] if OR in table and flat.is_or(table[OR]) else []
    return max(len(branches), 1) * prod(map(_combinations, [*below, *branches]))


def _check_complexity(pattern: Pattern) -> None:
    for path, found in wildcards.complexities(flat.combinations(pattern)):
        if found > wildcards.COMPLEXITY_LIMIT:
            _refuse(
                path,
                f"wildcard is too complex: one value could match {found} prefixes of it at the same time, and "
                f"EventBridge's limit is {wildcards.COMPLEXITY_LIMIT}; use fewer *, or fewer repeated characters",
            )


def _lost(alternative: Any) -> str | None:  # noqa: ANN401 - JSON
    """Return why a CDK template does not keep a value: null, or a number that JavaScript rounds; None if it does."""
    if alternative is None:
        return (
            "null cannot be deployed: CDK drops it from the template, and CloudFormation refuses it; write "
            "{ exists = false } to match events without the field, or use another field"
        )
    if isinstance(alternative, int) and not is_comparable(alternative):
        return f"{show(alternative)} has more digits than a CDK template keeps; write fewer digits"
    return f"{alternative} becomes 0 in the template; write 0" if repr(alternative) in {"0.0", "-0.0"} else None


def _refuse(where: str, fault: str) -> NoReturn:
    raise PatternError(f"{where}: {fault}")
