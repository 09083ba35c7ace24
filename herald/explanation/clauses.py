"""Compares an event with each clause of a pattern, and decides whether the event nearly matches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from functions.runtime.patterns import flat, pattern
from functions.runtime.patterns.flat import OR, is_or
from functions.runtime.patterns.values import show
from herald.explanation.nearest_text import nearest
from infra.flow.routing import ENVELOPE

type Pattern = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One condition of a pattern: `fault` is why the event does not meet it, `nearest` a text that would meet it."""

    field: str
    accepts: str
    fault: str | None
    nearest: str | None

    def describe(self) -> dict[str, Any]:
        """Return the clause for --json."""
        return {name: getattr(self, name) for name in ("field", "accepts", "fault", "nearest")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An event and a whole pattern; `mismatch` is None if the event matches."""

    mismatch: str | None
    clauses: Sequence[Clause]

    @property
    def is_near(self) -> bool:
        """Whether each missed clause has a near text, or one clause about the content is missed and the others are met.

        If the event meets each clause alone, elements of an array differ. An event of another type is not near.
        """
        if self.mismatch is None:
            return False
        fields = [clause.field for clause in self._failing]
        one = len(fields) <= 1 < len(self.clauses) and not set(fields) & set(ENVELOPE)
        return self._is_misspelled or one

    @property
    def rank(self) -> tuple[bool, int]:
        """The order of near misses: those with a near text first, then those with the fewest failing clauses."""
        return not self._is_misspelled, len(self._failing)

    @property
    def reason(self) -> str:
        """Why the event does not match, and the near texts."""
        if not self._is_misspelled:
            return self.mismatch or ""
        texts = " and ".join(show(clause.nearest) for clause in self._failing)
        return f"{self.mismatch}; did you mean {texts}?"

    @property
    def _failing(self) -> list[Clause]:
        return [clause for clause in self.clauses if clause.fault]

    @property
    def _is_misspelled(self) -> bool:
        return bool(self._failing) and all(clause.nearest for clause in self._failing)


def compare(wanted: Pattern, event: Mapping[str, Any]) -> Comparison:
    """Compare an event with a pattern that passed `check`."""
    parts = zip(pattern.readings(wanted), _parts(wanted), strict=True)
    clauses = [_clause(field, accepts, part, event) for (field, accepts), part in parts]
    return Comparison(mismatch=pattern.mismatch(wanted, event), clauses=clauses)


def _parts(wanted: Pattern, above: tuple[str, ...] = ()) -> Iterator[Pattern]:
    """Yield a pattern for each clause, in the order of `pattern.readings`."""
    for name, below in wanted.items():
        if isinstance(below, Mapping) and not (name == OR and is_or(below)):
            yield from _parts(below, (*above, name))
        else:
            clause: Pattern = {name: below}
            yield reduce(lambda inner, outer: {outer: inner}, reversed(above), clause)


def _clause(field: str, accepts: str, part: Pattern, event: Mapping[str, Any]) -> Clause:
    fault = pattern.mismatch(part, event)
    if fault is None:
        return Clause(field=field, accepts=accepts, fault=None, nearest=None)
    combinations = flat.combinations(part)
    known = [each[field] for each in combinations if len(combinations) == 1 and field in each]
    values = [leaf.value for leaf in flat.fields(event, combinations).get(field, [])]
    near = nearest(known[0].alternatives, values[0]) if known and len(values) == 1 else None
    return Clause(field=field, accepts=accepts, fault=fault.removeprefix(f"{field}: "), nearest=near)
