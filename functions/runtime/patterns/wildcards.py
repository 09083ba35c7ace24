"""Wildcards of event patterns: syntax, matching, and their complexity as EventBridge counts it.

Source: "Wildcards" in "Comparison operators for use in event patterns", Amazon EventBridge User Guide.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from functions.runtime.patterns.flat import Combination

TOKEN: Final = re.compile(r"\\([*\\])|(\*)|([^*\\]+|\\)", re.DOTALL)
# EventBridge refuses a rule above this limit with "Rule is too complex". The User Guide gives no number; the tests of
# MachineComplexityEvaluator in aws/event-ruler use 10.
COMPLEXITY_LIMIT: Final = 10


def fault(wildcard: str) -> str | None:
    """Return why a wildcard is invalid; None if it is valid."""
    plain = re.sub(r"\\[*\\]", "", wildcard)
    if "\\" in plain:
        return "accepts only the escapes \\* and \\\\"
    return "must not have two * in a row" if "**" in re.sub(r"\\[*\\]", "x", wildcard) else None


def pieces(wildcard: str) -> list[str]:
    """Return the texts between the *; the first and the last may be empty."""
    found = [""]
    for escaped, star, text in TOKEN.findall(wildcard):
        if star:
            found.append("")
        else:
            found[-1] += escaped or text
    return found


def accepts(wildcard: str, text: str) -> bool:
    """Return whether a text matches; each piece is searched once, from the end of the piece before."""
    first, *others = pieces(wildcard)
    if not others:
        return text == first
    *middle, last = others
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    for piece in middle:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


type Names = dict[str, dict[str, "Names"]]  # the fields that EventBridge checks next, by field and alternative


def complexities(combinations: Iterable[Combination]) -> Iterator[tuple[str, int]]:
    """Yield the fields of a pattern with the complexity of their wildcards.

    EventBridge checks fields in the order of their names. Combinations share a field if the same alternatives precede
    it. Source: aws/event-ruler, GenericMachine.java.
    """
    start: Names = {}
    for combination in combinations:
        reached = [start]
        for path in sorted(combination):
            following = [_following(names.setdefault(path, {}), combination[path].alternatives) for names in reached]
            reached = list({id(names): names for several in following for names in several}.values())
    seen, pending = set[int](), [start]
    while pending:
        for path, alternatives in pending.pop().items():
            yield path, complexity({name: found for name in alternatives if (found := _written(json.loads(name)))})
            pending += [names for names in alternatives.values() if id(names) not in seen]
            seen.update(map(id, alternatives.values()))


def _following(known: dict[str, Names], alternatives: Iterable[Any]) -> list[Names]:
    """Return the fields after each alternative; a new alternative shares those of the alternative before."""
    found: list[Names] = []
    for alternative in alternatives:
        found.append(known.setdefault(json.dumps(alternative, sort_keys=True), found[-1] if found else {}))
    return found


def _written(alternative: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Return the wildcards of an alternative, including those in anything-but."""
    if not isinstance(alternative, Mapping):
        return []
    found = alternative.get("anything-but", alternative)
    wanted = found.get("wildcard", []) if isinstance(found, Mapping) else []
    return wanted if isinstance(wanted, list) else [wanted]


@dataclass(slots=True)
class State:
    """A prefix of wildcards: the alternatives that contain it, and the prefixes that are one byte or one * longer.

    `loops` is true if it ends in *: the prefix then also matches with any further byte.
    """

    owners: set[str] = field(default_factory=set)
    then: dict[int, list["State"]] = field(default_factory=dict)
    star: "State | None" = None
    loops: bool = False


def complexity(alternatives: Mapping[str, Sequence[str]]) -> int:
    """Return the maximum number of prefixes of one field's wildcards that a value matches at the same time.

    Counting stops above the limit. `alternatives` are the wildcards of each alternative by a name of it. The value is
    UTF-8 with its quotes; a prefix counts once for each alternative that contains it. Source: aws/event-ruler,
    MachineComplexityEvaluator.java.
    """
    start = State()
    for name, wildcards in alternatives.items():
        end = State(owners={name})
        for wildcard in sorted(set(wildcards)):
            _add(start, end, name, list(_tokens(wildcard)))
    most, seen, pending = 0, set[frozenset[int]](), [[start]]
    while pending and most <= COMPLEXITY_LIMIT:
        for reached in _next(pending.pop()):
            key = frozenset(map(id, reached))
            if key not in seen:
                seen.add(key)
                pending.append(reached)
                most = max(most, sum(len(state.owners) for state in reached))
    return most


def _tokens(wildcard: str) -> Iterator[int | None]:
    """Yield the bytes of a wildcard in quotes, and None for each *."""
    yield from b'"'
    for number, piece in enumerate(pieces(wildcard)):
        if number:
            yield None
        yield from piece.encode("utf-8", "replace")
    yield from b'"'


def _add(start: State, end: State, name: str, tokens: list[int | None]) -> None:
    """Add a wildcard that ends in `end`; it shares the prefixes up to its first * with other wildcards."""
    state, shared = start, True
    for token in tokens[:-1]:
        if token is None:
            state.star = state.star if shared and state.star else State(loops=True)
            state, shared = state.star, False
        else:
            known = state.then.setdefault(token, [])
            if not shared or not known:
                known.append(State())
            state = known[0] if shared else known[-1]
        state.owners.add(name)
    state.then.setdefault(ord('"'), []).append(end)


def _next(states: Iterable[State]) -> Iterator[list[State]]:
    """Yield the prefixes that match after each byte that some prefix expects, and after any other byte."""
    loops = [state for state in states if state.loops]
    yield loops
    for byte in {byte for state in states for byte in state.then}:
        found = {id(state): state for state in loops}
        for state in states:
            for following in state.then.get(byte, ()):
                found[id(following)] = following
                if following.star:
                    found[id(following.star)] = following.star
        yield list(found.values())
