"""Runs a query on events, as Logs Insights does with the subset of its language that grammar.py reads."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from typing import Any, Final

from tests.insights.conditions import Conditions
from tests.insights.grammar import Call, QueryError, Token, aggregate, name, separated, stages

type Event = Mapping[str, Any]

DEFAULT_LIMIT: Final = 10_000  # Source: "limit", Amazon CloudWatch Logs User Guide
# Aggregates of the values of one field; pct has the percentile as its second argument.
AGGREGATES: Final[Mapping[str, Callable[[list[Any]], Any]]] = {
    "count": len,
    "count_distinct": lambda values: len(set(values)),
    "sum": sum,
    "avg": lambda values: sum(values) / len(values) if values else None,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
}


def run(query: str, events: Iterable[Event], **parameters: str) -> list[dict[str, Any]]:
    """Return the rows of a query; `{{name}}` in its text becomes the value of a parameter."""
    for parameter, value in parameters.items():
        query = query.replace("{{" + parameter + "}}", value)
    rows: list[Event] = list(events)
    shown: list[str] | None = None
    for command, listed in stages(query):
        if command == "fields":
            shown = [name(part) for part in separated(listed)]
        elif command == "filter":
            condition = Conditions(listed).parse()
            rows = [row for row in rows if condition(row)]
        elif command == "stats":
            rows, shown = _stats(rows, listed), None
        elif command == "sort":
            rows = _sorted(rows, listed)
        else:
            rows = rows[: _number(listed)]
    rows = rows[:DEFAULT_LIMIT]
    return [dict(row) if shown is None else {field: row[field] for field in shown if field in row} for row in rows]


def fields_of(query: str) -> set[str]:
    """Return the fields of log events that a query reads, without the aliases of its stats."""
    aliases, words = set[str](), set[str]()
    for command, listed in stages(query):
        parts = separated(listed)
        if command == "stats":
            by = _grouping(listed)
            calls = [aggregate(part) for part in separated(listed[: -len(by[1]) - 1] if by[1] else listed)]
            aliases |= {call.alias for call in calls}
            words |= {word for call in calls for word in _words(call)} | set(by[0])
        elif command == "sort":
            words |= {part[0].value for part in parts}
        elif command in {"fields", "filter"}:
            words |= {token.value for token in listed if token.kind == "word"}
    return words - aliases - {"and", "or", "not", "in", "like", "ispresent"}


def _stats(rows: Sequence[Event], listed: list[Token]) -> list[Event]:
    by, after = _grouping(listed)
    calls = [aggregate(part) for part in separated(listed[: -len(after) - 1] if after else listed)]
    groups = defaultdict[tuple[Any, ...], list[Event]](list)
    for row in rows:
        groups[tuple(row.get(field) for field in by)].append(row)
    return [
        dict(zip(by, key, strict=True)) | {call.alias: _aggregated(call, members) for call in calls}
        for key, members in groups.items()
    ]


def _grouping(listed: Sequence[Token]) -> tuple[list[str], Sequence[Token]]:
    """Return the fields after `by`, and their tokens."""
    position = next((index for index, token in enumerate(listed) if token == Token("word", "by")), None)
    after = listed[position + 1 :] if position is not None else ()
    return [name(part) for part in separated(after)] if after else [], after


def _aggregated(call: Call, rows: Sequence[Event]) -> Any:  # noqa: ANN401 - a number or a text
    first = call.arguments[0]
    if first == "*":
        return len(rows)
    values = [value for value in (_value(first, row) for row in rows) if value is not None]
    if call.name != "pct":
        return AGGREGATES[call.name](values)
    percent = call.arguments[1]
    if not isinstance(percent, float):
        raise QueryError("pct needs a percentile")
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)] if values else None


def _value(argument: Call | str | float, row: Event) -> Any:  # noqa: ANN401 - the value of a field
    if isinstance(argument, Call):
        if argument.name != "strlen":
            raise QueryError(f"not a function: {argument.name}")
        text = _value(argument.arguments[0], row)
        return None if text is None else len(str(text))
    return row.get(argument) if isinstance(argument, str) else argument


def _words(call: Call) -> set[str]:
    inner = [_words(each) for each in call.arguments if isinstance(each, Call)]
    return {each for each in call.arguments if isinstance(each, str) and each != "*"}.union(*inner)


def _sorted(rows: Sequence[Event], listed: list[Token]) -> list[Event]:
    """Return sorted rows; each field needs its order, and rows without the field come last."""
    result = list(rows)
    for part in reversed(separated(listed)):
        if len(part) != 2 or part[1].value not in {"asc", "desc"}:
            raise QueryError(f"the order of {part[0].value} is missing")
        field, order = part[0].value, part[1].value
        present = [row for row in result if row.get(field) is not None]
        absent = [row for row in result if row.get(field) is None]
        result = [*sorted(present, key=lambda row: row[field], reverse=order == "desc"), *absent]
    return result


def _number(listed: Sequence[Token]) -> int:
    if len(listed) != 1 or listed[0].kind != "number":
        raise QueryError("limit needs a number")
    return int(listed[0].value)
