"""Parses the subset of the Logs Insights query language that the saved queries use; anything else is an error.

Source: "CloudWatch Logs Insights language query syntax", Amazon CloudWatch Logs User Guide.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<regex>/(?:[^/\\]|\\.)+/)"""
    r"""|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[@A-Za-z_][\w.@]*)|(?P<sign><=|>=|[=<>(),|*\[\]]))"""
)
COMMANDS: Final = ("fields", "filter", "stats", "sort", "limit")
AGGREGATES: Final = ("count", "count_distinct", "sum", "avg", "min", "max", "pct")


class QueryError(Exception):
    """A query that the subset does not contain."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a query; `kind` is text, regex, number, word or sign."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function of values: an aggregate of stats, or strlen in it; `*` is an argument of count."""

    name: str
    arguments: tuple["Call | str | float", ...]
    alias: str


def stages(query: str) -> list[tuple[str, list[Token]]]:
    """Return each command of a query with its tokens; comments begin with # and end with the line."""
    found: list[tuple[str, list[Token]]] = []
    text = "\n".join(_without_comment(line) for line in query.splitlines())
    for part in _split(tokens(text)):
        if not part or part[0].value not in COMMANDS:
            raise QueryError(f"not a command: {part[0].value if part else 'nothing'}")
        found.append((part[0].value, part[1:]))
    return found


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text."""
    found, position = [], 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if not match:
            raise QueryError(f"cannot be read: {text[position : position + 20]!r}")
        position, kind = match.end(), str(match.lastgroup)
        found.append(Token(kind, match[kind]))
    return found


def separated(listed: Sequence[Token]) -> list[list[Token]]:
    """Return the parts of a list between commas outside parentheses and brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in listed:
        depth += (token.kind == "sign") * ((token.value in "([") - (token.value in ")]"))
        if token == Token("sign", ",") and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def name(part: Sequence[Token]) -> str:
    """Return the only word of a part, the name of a field."""
    if len(part) != 1 or part[0].kind != "word":
        raise QueryError(f"not a field: {' '.join(each.value for each in part)}")
    return part[0].value


def aggregate(part: Sequence[Token]) -> Call:
    """Return an aggregate of stats with its alias: `count(*) as runs`."""
    if len(part) < 4 or part[-2].value != "as":
        raise QueryError("an aggregate needs an alias")
    call = _call(part[:-2])
    if not isinstance(call, Call) or call.name not in AGGREGATES:
        raise QueryError(f"not an aggregate: {part[0].value}")
    return Call(call.name, call.arguments, part[-1].value)


def _call(part: Sequence[Token]) -> Call | str | float:
    first = part[0]
    if len(part) == 1:
        return float(first.value) if first.kind == "number" else first.value
    if first.kind != "word" or part[1].value != "(" or part[-1].value != ")":
        raise QueryError(f"not a call: {first.value}")
    return Call(first.value, tuple(_call(each) for each in separated(part[2:-1])), "")


def _without_comment(line: str) -> str:
    return "" if line.lstrip().startswith("#") else line


def _split(listed: Sequence[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in listed:
        if token == Token("sign", "|"):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
