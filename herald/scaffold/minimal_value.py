"""Makes a minimal value for a JSON Schema: only the required parts."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

WORD: Final = "example"
FORMATS: Final = {
    "date-time": "2026-11-12T00:00:00Z",
    "date": "2026-11-12",
    "time": "00:00:00Z",
    "email": "somebody@example.com",
    "uri": "https://example.com/",
    "uuid": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
}

type Schema = Mapping[str, Any]


def minimal_value(schema: Schema, whole: Schema) -> Any:  # noqa: ANN401 - JSON
    """Return a value for a part of the `whole` schema. It may break a `pattern`, so the caller validates it."""
    schema = _plain(schema, whole)
    given = [schema[word] for word in ("const", "default") if word in schema] + list(schema.get("enum", []))
    makers: dict[str, Callable[[], Any]] = {
        "object": lambda: _object(schema, whole),
        "array": lambda: [minimal_value(schema.get("items", {}), whole)] * schema.get("minItems", 0),
        "integer": lambda: _number(schema),
        "number": lambda: _number(schema),
        "boolean": lambda: False,
        "null": lambda: None,
    }
    return given[0] if given else makers.get(_type(schema), lambda: _text(schema))()


def _object(schema: Schema, whole: Schema) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {name: minimal_value(properties.get(name, {}), whole) for name in schema.get("required", ())}


def _plain(schema: Schema, whole: Schema) -> dict[str, Any]:
    """Return a schema with its references resolved, its parts merged, and the first of its alternatives."""
    plain = dict(schema)
    parts = [referred(plain.pop("$ref"), whole)] if "$ref" in plain else []
    parts += [plain.pop(word)[0] for word in ("anyOf", "oneOf") if plain.get(word)]
    for part in parts:
        added = _plain(part, whole)
        required = [*plain.get("required", ()), *added.get("required", ())]
        properties = {**plain.get("properties", {}), **added.get("properties", {})}
        plain = added | plain | ({"required": required, "properties": properties} if required else {})
    return plain


def referred(reference: str, whole: Schema) -> Schema:
    """Return the part of the `whole` schema that a reference names, or an empty schema."""
    found: Any = whole
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def _type(schema: Schema) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    return str(kind[0] if isinstance(kind, list) else kind)


def _number(schema: Schema) -> float:
    step = schema.get("multipleOf", 1)
    least = schema.get("minimum", schema.get("exclusiveMinimum", min(0, schema.get("maximum", 0))))
    number: float = math.ceil(least / step) * step
    if number == schema.get("exclusiveMinimum"):
        number += step
    return int(number) if number == int(number) else number


def _text(schema: Schema) -> str:
    text: str = FORMATS.get(schema.get("format", ""), WORD)
    text += "x" * (schema.get("minLength", 0) - len(text))
    return text[: schema.get("maxLength", len(text))]
