"""Finds the changes of a schema that need a new major version.

Functions are deployed one at a time and events wait in queues, so old readers get new events and new readers get old
events. A change is compatible if both can validate both: a note, or a new optional field. Readers ignore unknown
fields, and no writer sent the field before.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Flag
from typing import Any, Final

from functions.runtime.core.text import cut
from infra.contracts.schema_rules import NOTES, TYPES, Schema

BOUNDS: Final[Mapping[str, int]] = {
    "minimum": 1,
    "exclusiveMinimum": 1,
    "minLength": 1,
    "minItems": 1,
    "minProperties": 1,
    "maximum": -1,
    "exclusiveMaximum": -1,
    "maxLength": -1,
    "maxItems": -1,
    "maxProperties": -1,
}  # 1 if a higher number is stricter, -1 if it is looser
BELOW: Final = {"items": "[]", "additionalProperties": ".*", "propertyNames": " (property names)"}
STRUCTURE: Final = frozenset({"type", "enum", "const", "properties", "required", "$ref"})
TEXT_LENGTH: Final = 120


class Breaks(Flag):
    """The functions that a change breaks: consumers get unexpected data, producers have valid data refused."""

    CONSUMERS = 1
    PRODUCERS = 2
    BOTH = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One change that needs a new major version: the field, its old and new form, and the functions that it breaks."""

    path: str
    before: str
    after: str
    breaks: Breaks


def compare(before: Schema, after: Schema) -> list[Change]:
    """Return the changes between two schemas that are not allowed within a major version."""
    return list(_Comparison(before, after).schemas(before, after, "data", closed=True))


class _Comparison:
    """Walks two schemas in parallel and follows the references in each."""

    def __init__(self, before: Schema, after: Schema) -> None:
        self._before, self._after = before, after
        self._compared: set[tuple[object, object]] = set()

    def schemas(self, before: Any, after: Any, path: str, *, closed: bool) -> Iterator[Change]:  # noqa: ANN401 - JSON
        """Yield the changes at a path and below.

        `closed` is false below anyOf and oneOf, where a writer may already send fields that the schema does not list.
        """
        (was_in, old), (is_in, new) = _resolve(before, self._before), _resolve(after, self._after)
        closed = closed or bool(was_in and is_in)
        named = (was_in or old == {}, is_in or new == {})
        if all(named):
            if named in self._compared:
                return  # a definition that contains itself or has several uses is compared once
            self._compared.add(named)
        retyped = list(_types(old, new, path))
        yield from retyped
        if retyped:
            return  # the other keywords apply to one of the two types only
        yield from _values(old, new, path)
        yield from _rules(old, new, path)
        yield from self._fields(old, new, path, closed=closed)
        for keyword in [name for name in BELOW if name in old or name in new]:
            where = path + BELOW[keyword]
            yield from self.schemas(old.get(keyword, True), new.get(keyword, True), where, closed=closed)
        for keyword in ("anyOf", "oneOf"):
            for place, pair in enumerate(_pairs(old, new, keyword), start=1):
                yield from self.schemas(*pair, f"{path} ({keyword} {place})", closed=False)

    def _fields(self, old: Schema, new: Schema, path: str, *, closed: bool) -> Iterator[Change]:
        """Compare the fields of an object; a new optional field is allowed."""
        were, are = old.get("properties", {}), new.get("properties", {})
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted({*were, *are, *needed, *needs}):
            where = f"{path}.{name}"
            if name in were and name not in are:
                yield Change(where, "required" if name in needed else "optional", "removed", Breaks.BOTH)
                continue
            if name in needs - needed:
                yield Change(where, "optional" if name in were else "absent", "required", Breaks.PRODUCERS)
            elif name in needed - needs:
                yield Change(where, "required", "optional", Breaks.CONSUMERS)
            elif name in are and name not in were and not (closed and "properties" in old):
                yield Change(where, "any value or absent", "restricted", Breaks.PRODUCERS)
            if name in were:
                yield from self.schemas(were[name], are[name], where, closed=closed)


def _types(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    was, now = (_names(schema.get("type", list(TYPES))) for schema in (old, new))
    if was != now:
        before, after = (_words(schema.get("type", "any type")) for schema in (old, new))
        yield Change(path, before, after, _direction(was, now))


def _values(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    """Compare enum and const, an enum of one value; each added or removed value is a change."""
    was, now = _enumerated(old), _enumerated(new)
    if was is None and now is None:
        return
    before, after = ("any value" if each is None else f"one of {', '.join(sorted(each))}" for each in (was, now))
    if was is None or now is None:
        yield Change(path, before, after, Breaks.PRODUCERS if was is None else Breaks.CONSUMERS)
    elif was != now:
        yield Change(path, before, after, _direction(was, now))


def _rules(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    """Compare all other keywords: an added keyword or a stricter number breaks producers, the reverse consumers."""
    for keyword in sorted((old.keys() | new.keys()) - NOTES - STRUCTURE - BELOW.keys()):
        was, now = old.get(keyword), new.get(keyword)
        if was == now or _pairs(old, new, keyword):
            continue
        before, after = (f"without {keyword}" if each is None else _words(each, keyword) for each in (was, now))
        if was is None or now is None:
            breaks = Breaks.PRODUCERS if was is None else Breaks.CONSUMERS
        elif keyword in BOUNDS:
            breaks = Breaks.PRODUCERS if (now - was) * BOUNDS[keyword] > 0 else Breaks.CONSUMERS
        else:
            breaks = Breaks.BOTH
        yield Change(path, before, after, breaks)


def _pairs(old: Schema, new: Schema, keyword: str) -> list[tuple[Any, Any]]:
    """Return the alternatives of both schemas in pairs, in their order; [] if their numbers differ."""
    one, other = old.get(keyword), new.get(keyword)
    if keyword in {"anyOf", "oneOf"} and one and other and len(one) == len(other):
        return list(zip(one, other, strict=True))
    return []


def _resolve(schema: Any, root: Schema) -> tuple[str, Schema]:  # noqa: ANN401 - an object, or true
    """Return the reference that a schema consists of, or "", and the schema that it leads to."""
    followed: list[str] = []
    while isinstance(schema, Mapping) and "$ref" in schema and schema["$ref"] not in followed:
        followed.append(str(schema["$ref"]))
        schema = root.get("$defs", {}).get(followed[-1].removeprefix("#/$defs/"), {})
    return "".join(followed), schema if isinstance(schema, Mapping) else {}


def _names(types: str | list[str]) -> frozenset[str]:
    names = frozenset((types,) if isinstance(types, str) else types)
    return names | {"integer"} if "number" in names else names


def _enumerated(schema: Schema) -> frozenset[str] | None:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else frozenset(json.dumps(value, sort_keys=True) for value in values)


def _direction(was: frozenset[str], now: frozenset[str]) -> Breaks:
    if was > now:
        return Breaks.PRODUCERS
    return Breaks.CONSUMERS if was < now else Breaks.BOTH


def _words(value: Any, keyword: str = "") -> str:  # noqa: ANN401 - JSON
    text = value if isinstance(value, str) and not keyword else json.dumps(value, ensure_ascii=False)
    text = f"limited by {keyword} {text}" if keyword else text
    return cut(text, TEXT_LENGTH)
