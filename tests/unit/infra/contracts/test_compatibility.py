"""Which changes of a contract need a new major version, whom they break, and which do not."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from infra.contracts.compatibility import Breaks, Change, compare
from infra.declarations.loader import ROOT

type Schema = dict[str, Any]

BEFORE: Final[Schema] = {
    "description": "A thing was made.",
    "type": "object",
    "required": ["id", "size", "parts", "owner"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[a-z]+$"},
        "size": {"type": "integer", "minimum": 0, "maximum": 100},
        "note": {"type": "string"},
        "state": {"enum": ["open", "closed"]},
        "kind": {"const": "thing"},
        "score": {"type": ["number", "null"]},
        "parts": {"type": "array", "maxItems": 5, "items": {"$ref": "#/$defs/part"}},
        "spares": {"type": "array", "items": {"$ref": "#/$defs/part"}},
        "owner": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "sizes": {"type": "object", "additionalProperties": {"type": "integer"}},
        "free": {"type": "object"},
        "empty": {"type": "object", "properties": {}},
        "value": {"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"unit": {"type": "string"}}}]},
    },
    "$defs": {
        "part": {
            "type": "object",
            "required": ["number"],
            "properties": {"number": {"type": "integer"}, "below": {"$ref": "#/$defs/part"}},
        }
    },
}
FIELDS: Final = BEFORE["properties"]
CONSUMERS, PRODUCERS, BOTH = Breaks.CONSUMERS, Breaks.PRODUCERS, Breaks.BOTH


def put(path: str, value: object) -> Callable[[Schema], None]:
    """Return what sets one place of a schema, by its dotted path."""

    def change(schema: Schema) -> None:
        *way, last = path.split(".")
        for name in way:
            schema = schema[int(name)] if isinstance(schema, list) else schema[name]
        schema[last] = value

    return change


def drop(path: str) -> Callable[[Schema], None]:
    """Return what removes one place of a schema."""

    def change(schema: Schema) -> None:
        *way, last = path.split(".")
        for name in way:
            schema = schema[name]
        del schema[last]

    return change


def changed(change: Callable[[Schema], None]) -> Schema:
    """Return the schema above with one change."""
    schema = copy.deepcopy(BEFORE)
    change(schema)
    return schema


REFUSED: Final[dict[str, tuple[Callable[[Schema], None], Change]]] = {
    "an optional field is removed": (
        drop("properties.note"),
        Change("data.note", "optional", "gone", BOTH),
    ),
    "a required field is removed": (
        lambda schema: (drop("properties.size")(schema), put("required", ["id", "parts", "owner"])(schema))[0],
        Change("data.size", "required", "gone", BOTH),
    ),
    "a field is retyped": (
        put("properties.note.type", "integer"),
        Change("data.note", "string", "integer", BOTH),
    ),
    "a type is widened": (
        put("properties.size.type", "number"),
        Change("data.size", "integer", "number", CONSUMERS),
    ),
    "a field becomes nullable": (
        put("properties.note.type", ["string", "null"]),
        Change("data.note", "string", '["string", "null"]', CONSUMERS),
    ),
    "a type is narrowed": (
        put("properties.score.type", "number"),
        Change("data.score", '["number", "null"]', "number", PRODUCERS),
    ),
    "a type is no longer said": (
        drop("properties.note.type"),
        Change("data.note", "string", "anything", CONSUMERS),
    ),
    "a new field is required": (
        lambda schema: (put("properties.new", {})(schema), schema["required"].append("new"))[0],
        Change("data.new", "not there", "required", PRODUCERS),
    ),
    "an optional field becomes required": (
        lambda schema: schema["required"].append("note"),
        Change("data.note", "optional", "required", PRODUCERS),
    ),
    "a required field becomes optional": (
        put("required", ["id", "parts", "owner"]),
        Change("data.size", "required", "optional", CONSUMERS),
    ),
    "an enum is narrowed": (
        put("properties.state.enum", ["open"]),
        Change("data.state", 'one of "closed", "open"', 'one of "open"', PRODUCERS),
    ),
    "an enum is widened": (
        put("properties.state.enum", ["open", "closed", "lost"]),
        Change("data.state", 'one of "closed", "open"', 'one of "closed", "lost", "open"', CONSUMERS),
    ),
    "an enum is put on a field": (
        put("properties.note.enum", ["a"]),
        Change("data.note", "any value", 'one of "a"', PRODUCERS),
    ),
    "an enum is taken off": (
        put("properties.state", {}),
        Change("data.state", 'one of "closed", "open"', "any value", CONSUMERS),
    ),
    "a constant changes": (
        put("properties.kind.const", "object"),
        Change("data.kind", 'one of "thing"', 'one of "object"', BOTH),
    ),
    "a lower bound is tightened": (
        put("properties.size.minimum", 1),
        Change("data.size", "held to minimum 0", "held to minimum 1", PRODUCERS),
    ),
    "an upper bound is tightened": (
        put("properties.size.maximum", 99),
        Change("data.size", "held to maximum 100", "held to maximum 99", PRODUCERS),
    ),
    "a length is tightened": (
        put("properties.id.maxLength", 20),
        Change("data.id", "held to maxLength 40", "held to maxLength 20", PRODUCERS),
    ),
    "a number of items is loosened": (
        put("properties.parts.maxItems", 9),
        Change("data.parts", "held to maxItems 5", "held to maxItems 9", CONSUMERS),
    ),
    "a bound is added": (
        put("properties.note.maxLength", 9),
        Change("data.note", "without maxLength", "held to maxLength 9", PRODUCERS),
    ),
    "a bound is dropped": (
        drop("properties.size.maximum"),
        Change("data.size", "held to maximum 100", "without maximum", CONSUMERS),
    ),
    "a pattern changes": (
        put("properties.id.pattern", "^[a-f]+$"),
        Change("data.id", 'held to pattern "^[a-z]+$"', 'held to pattern "^[a-f]+$"', BOTH),
    ),
    "a pattern is added": (
        put("properties.note.pattern", "^x"),
        Change("data.note", "without pattern", 'held to pattern "^x"', PRODUCERS),
    ),
    "items are retyped": (
        put("properties.parts.items", {"type": "string"}),
        Change("data.parts[]", "object", "string", BOTH),
    ),
    "items are no longer described": (
        drop("properties.parts.items"),
        Change("data.parts[]", "object", "anything", CONSUMERS),
    ),
    "items become unique": (
        put("properties.parts.uniqueItems", value=True),
        Change("data.parts", "without uniqueItems", "held to uniqueItems true", PRODUCERS),
    ),
    "a field of a nested object is removed": (
        put("properties.owner", {"type": "object", "properties": {}}),
        Change("data.owner.name", "required", "gone", BOTH),
    ),
    "a field of a definition is retyped": (
        put("$defs.part.properties.number.type", "string"),
        Change("data.parts[].number", "integer", "string", BOTH),
    ),
    "a map's values are retyped": (
        put("properties.sizes.additionalProperties.type", "string"),
        Change("data.sizes.*", "integer", "string", BOTH),
    ),
    "a map's names are held to a rule": (
        put("properties.sizes.propertyNames", {"maxLength": 3}),
        Change("data.sizes (its names)", "without maxLength", "held to maxLength 3", PRODUCERS),
    ),
    "an open object describes a field": (
        put("properties.free.properties", {"a": {"type": "string"}}),
        Change("data.free.a", "anything or not there", "described", PRODUCERS),
    ),
    "an alternative is retyped": (
        put("properties.value.anyOf.0.type", "string"),
        Change("data.value (anyOf 1)", "integer", "string", BOTH),
    ),
    "a field of an alternative is added": (
        put("properties.value.anyOf.1.properties.new", {"type": "string"}),
        Change("data.value (anyOf 2).new", "anything or not there", "described", PRODUCERS),
    ),
}
ALLOWED: Final[dict[str, Callable[[Schema], None]]] = {
    "nothing": lambda schema: None,  # noqa: ARG005 - a change like the others
    "an optional field is added": put("properties.new", {"type": "string", "enum": ["a"]}),
    "an optional object with required fields is added": put(
        "properties.new", {"type": "object", "required": ["a"], "properties": {"a": {}}}
    ),
    "an optional field is added to a nested object": put("properties.owner.properties.team", {"type": "string"}),
    "an optional field is added to a definition": put("$defs.part.properties.colour", {"type": "string"}),
    "an optional field is the first of its object": put("properties.empty.properties.a", {"type": "string"}),
    "words change": put("description", "A thing was made, and how."),
    "a note is added": put("properties.note.deprecated", value=True),
    "a format is noted": put("properties.note.format", "uri"),
    "a definition is written out": put("properties.spares.items", copy.deepcopy(BEFORE["$defs"]["part"])),
    "a definition is renamed": lambda schema: (
        put("$defs.piece", copy.deepcopy(BEFORE["$defs"]["part"]))(schema),
        put("properties.parts.items", {"$ref": "#/$defs/piece"})(schema),
    )[0],
    "fields are listed in another order": put("properties", dict(reversed(FIELDS.items()))),
    "a constant becomes an enum of one": put("properties.kind", {"enum": ["thing"]}),
    "a type becomes a list of one": put("properties.note.type", ["string"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_change_that_breaks_somebody_is_found(name: str) -> None:
    """With the field, what it was, what it is, and whom that breaks; and nothing else is found."""
    change, expected = REFUSED[name]
    assert compare(BEFORE, changed(change)) == [expected]


@pytest.mark.parametrize("name", ALLOWED)
def test_an_additive_change_passes(name: str) -> None:
    """It is no change for those who were there before."""
    assert compare(BEFORE, changed(ALLOWED[name])) == []


OPPOSITE: Final = {CONSUMERS: PRODUCERS, PRODUCERS: CONSUMERS, BOTH: BOTH}


@pytest.mark.parametrize("name", [name for name in REFUSED if "required" not in name and "field" not in name])
def test_a_change_back_breaks_the_other_side(name: str) -> None:
    """What is widened for one is narrowed for the other."""
    change, expected = REFUSED[name]
    (back,) = compare(changed(change), BEFORE)
    assert (back.path, back.before, back.after) == (expected.path, expected.after, expected.before)
    assert back.breaks is OPPOSITE[expected.breaks]


WITNESSES: Final[dict[str, Schema]] = {
    "a type is widened": {"size": 1.5},
    "a type is narrowed": {"score": None},
    "an enum is narrowed": {"state": "closed"},
    "an enum is widened": {"state": "lost"},
    "a lower bound is tightened": {"size": 0},
    "a number of items is loosened": {"parts": [{"number": 1}] * 6},
    "a bound is dropped": {"size": 101},
    "a field of a definition is retyped": {"parts": [{"number": "1"}]},
    "an optional field becomes required": {},
    "a new field is required": {},
    "an open object describes a field": {"free": {"a": 1}},
}


@pytest.mark.parametrize("name", WITNESSES)
def test_what_is_refused_breaks_somebody_indeed(name: str) -> None:
    """There is an event that one of the two contracts takes and the other refuses."""
    change, expected = REFUSED[name]
    event = {"id": "a", "size": 1, "parts": [], "owner": {"name": "o"}} | WITNESSES[name]
    was, now = (Draft202012Validator(schema).is_valid(event) for schema in (BEFORE, changed(change)))
    assert was is not now
    assert expected.breaks in ((PRODUCERS, BOTH) if was else (CONSUMERS, BOTH))


def test_every_change_is_told() -> None:
    """Not the first alone."""
    schema = changed(drop("properties.note"))
    put("properties.size.type", "string")(schema)
    assert [change.path for change in compare(BEFORE, schema)] == ["data.note", "data.size"]


def test_definitions_that_lead_to_themselves_end() -> None:
    """On either side, or on one alone."""
    loop = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    tree = {"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"maxItems": 2, "items": {"$ref": "#/$defs/a"}}}}
    assert compare(loop, loop) == compare(tree, tree) == []
    assert [change.path for change in compare({}, tree)] == ["data[]"]
    assert [change.path for change in compare(tree, {})] == ["data[]"]


def test_a_rule_nobody_knows_may_not_change() -> None:
    """A keyword that is not judged for itself is taken for one that matters; a long one is cut."""
    (change,) = compare({"if": {"const": "x" * 200}}, {"if": {}})
    assert (change.before[:14], len(change.before), change.breaks) == ('held to if {"c', 120, BOTH)


@pytest.mark.parametrize("path", sorted((ROOT / "events").rglob("*.schema.json")), ids=lambda path: path.parent.name)
def test_what_did_not_change_breaks_nothing(path: Path) -> None:
    """Every contract of this repository agrees with itself, alternatives that only require fields included."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert compare(schema, schema) == []
