"""Finds the text that a condition of a pattern accepts and that differs least from a given text."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from functions.runtime.patterns import wildcards

# Costs in tenths of an edit. A replaced character costs more than an inserted one, so that `*` keeps the characters of
# the text: the text nearest to `invoices/*.json` is `invoices/x.json`, not `invoices/.json`.
INSERTED: Final = 10
REMOVED: Final = 10
REPLACED: Final = 12
CELLS: Final = 200_000  # the most steps of one comparison
SHORT: Final = 4  # a shorter exact text is no typing error of another

type Tokens = Sequence[str | None]  # characters; None stands for *
type Table = list[list[int]]


def nearest(alternatives: Sequence[Any], value: object) -> str | None:
    """Return the accepted text that is nearest to a value; None if the value is not a text, or no text is near."""
    if not isinstance(value, str):
        return None
    found = [each for each in (_corrected(alternative, value) for alternative in alternatives) if each]
    return min(found)[1] if found else None


def _corrected(alternative: Any, value: str) -> tuple[int, str] | None:  # noqa: ANN401 - JSON
    pieces = _pieces(alternative)
    tokens: list[str | None] = []
    for number, piece in enumerate(pieces):
        tokens += [*([None] if number else []), *piece]
    if (len(tokens) + 1) * (len(value) + 1) > CELLS:
        return None
    costs = _costs(tokens, value)
    distance = costs[-1][-1]
    return (distance, _text(costs, tokens, value)) if distance <= _allowed(pieces) else None


def _pieces(alternative: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Return the texts between the * of a condition as a wildcard; conditions of other kinds have none."""
    if isinstance(alternative, str):
        return [alternative]
    if not isinstance(alternative, Mapping):
        return []
    ((name, argument),) = alternative.items()
    if not isinstance(argument, str):
        return []
    texts = {"prefix": [argument, ""], "suffix": ["", argument], "exactly": [argument]}
    return wildcards.pieces(argument) if name == "wildcard" else texts.get(name, [])


def _allowed(pieces: Sequence[str]) -> int:
    """Return the largest distance of a near text: an eighth of an exact text, a third of one piece, half of several."""
    length = sum(map(len, pieces))
    if len(pieces) == 1:
        return max(1, length // 8) * INSERTED if length >= SHORT else -1
    several = len([piece for piece in pieces if piece]) > 1
    return (length // 2 if several else max(1, length // 3)) * INSERTED if length > 1 else -1


def _costs(tokens: Tokens, value: str) -> Table:
    """Return for each number of tokens and of characters how much it costs to make the characters match the tokens."""
    costs = [[REMOVED * column for column in range(len(value) + 1)]]
    for token in tokens:
        above = costs[-1]
        row = [above[0] + (0 if token is None else INSERTED)]
        for column, character in enumerate(value, 1):
            if token is None:
                row.append(min(above[column], row[-1]))
            else:
                matched = above[column - 1] + (0 if token == character else REPLACED)
                row.append(min(matched, above[column] + INSERTED, row[-1] + REMOVED))
        costs.append(row)
    return costs


def _text(costs: Table, tokens: Tokens, value: str) -> str:
    """Return the matching text at the end of the cheapest way through the table."""
    made, row, column = [], len(tokens), len(value)
    while row:
        token, cost = tokens[row - 1], costs[row][column]
        if column and token is None and cost == costs[row][column - 1]:
            column -= 1
            made.append(value[column])
        elif token is None or cost == costs[row - 1][column] + INSERTED:
            row -= 1
            made.append(token or "")
        elif column and cost == costs[row][column - 1] + REMOVED:
            column -= 1
        else:
            row, column = row - 1, column - 1
            made.append(token)
    return "".join(reversed(made))
