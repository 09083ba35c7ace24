"""The conditions of `filter`: comparisons, `in`, `like`, `ispresent`, `and`, `or`, `not` and parentheses."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.insights.grammar import QueryError, Token

type Event = Mapping[str, Any]
type Condition = Callable[[Event], bool]

COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Conditions:
    """A recursive descent through the tokens of one filter."""

    def __init__(self, listed: list[Token]) -> None:
        """Start at the first token."""
        self._left = list(listed)

    def parse(self) -> Condition:
        """Return the condition of all tokens."""
        condition = self._any()
        if self._left:
            raise QueryError(f"unexpected in a filter: {self._left[0].value}")
        return condition

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._skip("or"):
            parts.append(self._all())
        return lambda event: any(part(event) for part in parts)

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._skip("and"):
            parts.append(self._one())
        return lambda event: all(part(event) for part in parts)

    def _one(self) -> Condition:
        if self._skip("not"):
            negated = self._one()
            return lambda event: not negated(event)
        if self._skip("("):
            inner = self._any()
            self._expect(")")
            return inner
        if self._skip("ispresent"):
            self._expect("(")
            field = self._take("word")
            self._expect(")")
            return lambda event: event.get(field) is not None
        return self._comparison(self._take("word"))

    def _comparison(self, field: str) -> Condition:
        if self._skip("in"):
            values = self._list()
            return lambda event: event.get(field) in values
        if self._skip("like"):
            return _like(field, self._left.pop(0))
        compare = COMPARISONS.get(self._left.pop(0).value if self._left else "")
        if compare is None:
            raise QueryError(f"not a comparison of {field}")
        wanted = self._value()
        return lambda event: _comparable(event.get(field), wanted) and compare(event[field], wanted)

    def _list(self) -> list[Any]:
        self._expect("[")
        values = [self._value()]
        while self._skip(","):
            values.append(self._value())
        self._expect("]")
        return values

    def _value(self) -> Any:  # noqa: ANN401 - a text or a number
        token = self._left.pop(0)
        if token.kind == "number":
            return float(token.value)
        if token.kind != "text":
            raise QueryError(f"not a value: {token.value}")
        return token.value[1:-1]

    def _take(self, kind: str) -> str:
        if not self._left or self._left[0].kind != kind:
            raise QueryError(f"a {kind} is missing")
        return self._left.pop(0).value

    def _skip(self, value: str) -> bool:
        found = bool(self._left) and self._left[0].value == value
        if found:
            self._left.pop(0)
        return found

    def _expect(self, value: str) -> None:
        if not self._skip(value):
            raise QueryError(f"{value} is missing")


def _like(field: str, token: Token) -> Condition:
    """Return whether a field contains a quoted text, or matches the regular expression between slashes."""
    if token.kind not in {"text", "regex"}:
        raise QueryError(f"not a pattern: {token.value}")
    pattern = re.compile(token.value[1:-1] if token.kind == "regex" else re.escape(token.value[1:-1]))
    return lambda event: pattern.search(str(event.get(field, ""))) is not None


def _comparable(value: object, wanted: object) -> bool:
    number = isinstance(value, int | float) and isinstance(wanted, float)
    return number or (isinstance(value, str) and isinstance(wanted, str))
