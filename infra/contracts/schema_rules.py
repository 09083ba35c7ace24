"""The keywords of JSON Schema that a contract may use, and why a schema cannot be a contract.

Two validators check contracts: fastjsonschema in the functions, jsonschema in the tools. Both read these keywords in
the same way. fastjsonschema ignores keywords newer than draft 7 silently, so a contract with one would not be checked.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
NOTES: Final = frozenset(
    {"$schema", "$comment", "title", "description", "examples", "default", "deprecated", "format", "$defs"}
)
RULES: Final = frozenset(
    {"type", "enum", "const", "properties", "required", "additionalProperties", "propertyNames", "minProperties"}
    | {"maxProperties", "items", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern", "minimum"}
    | {"maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "anyOf", "oneOf", "$ref"}
)
OF_MAPS: Final = frozenset({"additionalProperties", "propertyNames", "maxProperties"})
TYPES: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
LOCAL: Final = re.compile(r"#/\$defs/(?P<name>[a-z][a-z0-9_]*)")

type Schema = Mapping[str, Any]


def closed_faults(value: object, where: str = "#") -> Iterator[str]:
    """Yield each place that forbids unknown fields."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in below:
        if key in {"additionalProperties", "unevaluatedProperties"} and each is False:
            yield f"{where}/{key}: must not be false, or readers would refuse events with fields that are added later"
        yield from closed_faults(each, f"{where}/{key}")


def unchecked_faults(root: Schema) -> Iterator[str]:
    """Yield each place that the two validators do not check, or check differently."""
    for where, schema in _walk(root, "#"):
        yield from (f"{where}: {fault}" for fault in _faults(schema, root))


def _faults(schema: object, root: Schema) -> Iterator[str]:
    if not isinstance(schema, dict):
        yield f"must be an object, not {json.dumps(schema)}"
        return
    yield from (f"functions do not check the keyword '{key}'" for key in sorted(schema.keys() - NOTES - RULES))
    named = schema.get("type", [])
    yield from (
        f"unknown type {json.dumps(each)}"
        for each in ([named] if isinstance(named, str) else named)
        if each not in TYPES
    )
    if schema.get("$schema", DRAFT) != DRAFT:
        yield f"$schema must be {DRAFT}"
    yield from _reference_faults(schema, root)
    yield from _property_faults(schema)


def _reference_faults(schema: Schema, root: Schema) -> Iterator[str]:
    if "$ref" not in schema:
        return
    reference = LOCAL.fullmatch(str(schema["$ref"]))
    if not reference or reference["name"] not in root.get("$defs", {}):
        yield f"$ref {json.dumps(schema['$ref'])} must name a snake_case definition in #/$defs"
    yield from (f"'{key}' beside $ref is not checked" for key in sorted(schema.keys() & RULES - {"$ref"}))


def _property_faults(schema: Schema) -> Iterator[str]:
    if "properties" not in schema:
        return
    beside = sorted(key for key in schema.keys() & OF_MAPS if schema[key] is not True)
    yield from (f"'{key}' beside properties would also apply to fields that are added later" for key in beside)
    missing = [name for name in schema.get("required", ()) if name not in schema["properties"]]
    yield from (f"'{name}' is required but not in properties" for name in missing)


def _walk(schema: Schema, where: str) -> Iterator[tuple[str, Any]]:
    """Yield a schema and all schemas below it, each with its JSON pointer."""
    yield where, schema
    for pointer, below in _subschemas(schema) if isinstance(schema, dict) else ():
        yield from _walk(below, f"{where}/{pointer}")


def _subschemas(schema: Schema) -> Iterator[tuple[str, Any]]:
    """Yield the schemas directly below a schema, each with the pointer from it."""
    for keyword in ("properties", "$defs"):
        yield from ((f"{keyword}/{name}", below) for name, below in schema.get(keyword, {}).items())
    for keyword in ("anyOf", "oneOf"):
        yield from ((f"{keyword}/{place}", below) for place, below in enumerate(schema.get(keyword, ())))
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if keyword in schema and schema[keyword] is not True:
            yield keyword, schema[keyword]
