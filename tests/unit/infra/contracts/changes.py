"""Changes of a contract, with the finding of each."""

import copy
from collections.abc import Callable
from typing import Any, Final

from infra.contracts.compatibility import Breaks, Change

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
    """Return a change that sets one place of a schema, by its dotted path."""

    def change(schema: Schema) -> None:
        *way, last = path.split(".")
        for name in way:
            schema = schema[int(name)] if isinstance(schema, list) else schema[name]
        schema[last] = value

    return change


def drop(path: str) -> Callable[[Schema], None]:
    """Return a change that removes one place of a schema."""

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
        Change("data.note", "optional", "removed", BOTH),
    ),
    "a required field is removed": (
        lambda schema: (drop("properties.size")(schema), put("required", ["id", "parts", "owner"])(schema))[0],
        Change("data.size", "required", "removed", BOTH),
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
    "a type is removed": (
        drop("properties.note.type"),
        Change("data.note", "string", "any type", CONSUMERS),
    ),
    "a new field is required": (
        lambda schema: (put("properties.new", {})(schema), schema["required"].append("new"))[0],
        Change("data.new", "absent", "required", PRODUCERS),
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
    "an enum is added": (
        put("properties.note.enum", ["a"]),
        Change("data.note", "any value", 'one of "a"', PRODUCERS),
    ),
    "an enum is removed": (
        put("properties.state", {}),
        Change("data.state", 'one of "closed", "open"', "any value", CONSUMERS),
    ),
    "a constant changes": (
        put("properties.kind.const", "object"),
        Change("data.kind", 'one of "thing"', 'one of "object"', BOTH),
    ),
    "a lower bound is tightened": (
        put("properties.size.minimum", 1),
        Change("data.size", "limited by minimum 0", "limited by minimum 1", PRODUCERS),
    ),
    "an upper bound is tightened": (
        put("properties.size.maximum", 99),
        Change("data.size", "limited by maximum 100", "limited by maximum 99", PRODUCERS),
    ),
    "a length is tightened": (
        put("properties.id.maxLength", 20),
        Change("data.id", "limited by maxLength 40", "limited by maxLength 20", PRODUCERS),
    ),
    "a number of items is loosened": (
        put("properties.parts.maxItems", 9),
        Change("data.parts", "limited by maxItems 5", "limited by maxItems 9", CONSUMERS),
    ),
    "a bound is added": (
        put("properties.note.maxLength", 9),
        Change("data.note", "without maxLength", "limited by maxLength 9", PRODUCERS),
    ),
    "a bound is removed": (
        drop("properties.size.maximum"),
        Change("data.size", "limited by maximum 100", "without maximum", CONSUMERS),
    ),
    "a pattern changes": (
        put("properties.id.pattern", "^[a-f]+$"),
        Change("data.id", 'limited by pattern "^[a-z]+$"', 'limited by pattern "^[a-f]+$"', BOTH),
    ),
    "a pattern is added": (
        put("properties.note.pattern", "^x"),
        Change("data.note", "without pattern", 'limited by pattern "^x"', PRODUCERS),
    ),
    "items are retyped": (
        put("properties.parts.items", {"type": "string"}),
        Change("data.parts[]", "object", "string", BOTH),
    ),
    "items are no longer described": (
        drop("properties.parts.items"),
        Change("data.parts[]", "object", "any type", CONSUMERS),
    ),
    "items become unique": (
        put("properties.parts.uniqueItems", value=True),
        Change("data.parts", "without uniqueItems", "limited by uniqueItems true", PRODUCERS),
    ),
    "a field of a nested object is removed": (
        put("properties.owner", {"type": "object", "properties": {}}),
        Change("data.owner.name", "required", "removed", BOTH),
    ),
    "a field of a definition is retyped": (
        put("$defs.part.properties.number.type", "string"),
        Change("data.parts[].number", "integer", "string", BOTH),
    ),
    "a map's values are retyped": (
        put("properties.sizes.additionalProperties.type", "string"),
        Change("data.sizes.*", "integer", "string", BOTH),
    ),
    "a map's names get a rule": (
        put("properties.sizes.propertyNames", {"maxLength": 3}),
        Change("data.sizes (property names)", "without maxLength", "limited by maxLength 3", PRODUCERS),
    ),
    "an open object restricts a field": (
        put("properties.free.properties", {"a": {"type": "string"}}),
        Change("data.free.a", "any value or absent", "restricted", PRODUCERS),
    ),
    "an alternative is retyped": (
        put("properties.value.anyOf.0.type", "string"),
        Change("data.value (anyOf 1)", "integer", "string", BOTH),
    ),
    "a field of an alternative is added": (
        put("properties.value.anyOf.1.properties.new", {"type": "string"}),
        Change("data.value (anyOf 2).new", "any value or absent", "restricted", PRODUCERS),
    ),
}

ALLOWED: Final[dict[str, Callable[[Schema], None]]] = {
    "nothing": lambda schema: None,  # noqa: ARG005 - a change like the others
    "an optional field is added": put("properties.new", {"type": "string", "enum": ["a"]}),
    "an optional object with required fields is added": put(
        "properties.new", {"type": "object", "required": ["a"], "properties": {"a": {}}}
    ),
    "an optional field is added to a nested object": put("properties.owner.properties.team", {"type": "string"}),
    "an optional field is added to a definition": put("$defs.part.properties.color", {"type": "string"}),
    "an optional field is the first of its object": put("properties.empty.properties.a", {"type": "string"}),
    "a description changes": put("description", "A thing was made, and how."),
    "a note is added": put("properties.note.deprecated", value=True),
    "a format is noted": put("properties.note.format", "uri"),
    "a definition is inlined": put("properties.spares.items", copy.deepcopy(BEFORE["$defs"]["part"])),
    "a definition is renamed": lambda schema: (
        put("$defs.piece", copy.deepcopy(BEFORE["$defs"]["part"]))(schema),
        put("properties.parts.items", {"$ref": "#/$defs/piece"})(schema),
    )[0],
    "fields are listed in another order": put("properties", dict(reversed(FIELDS.items()))),
    "a constant becomes an enum of one": put("properties.kind", {"enum": ["thing"]}),
    "a type becomes a list of one": put("properties.note.type", ["string"]),
}
