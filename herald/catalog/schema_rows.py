"""Turns a contract into rows: one for each field at any depth, with its type in words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

ALTERNATIVES: Final = ("anyOf", "oneOf")
BOUNDS: Final = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} long",
    "maxLength": "at most {} long",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "format": "{}",
    "pattern": "matching {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the data: its path, such as `added[].name`, and its description in the contract."""

    path: str
    type: str
    required: bool
    description: str


def rows(contract: Mapping[str, Any]) -> Iterator[Field]:
    """Yield the fields of a contract in order, each before the fields inside it."""
    yield from _below(contract, contract, "", ())


def _below(schema: Any, root: Mapping[str, Any], path: str, refs: tuple[str, ...]) -> Iterator[Field]:  # noqa: ANN401 - JSON
    """Yield the fields of an object and of the items of an array; a recursive reference is not followed twice."""
    if not isinstance(schema, Mapping):
        return
    required = schema.get("required", ())
    for name, below in schema.get("properties", {}).items():
        yield from _field(below, root, f"{path}.{name}" if path else name, refs, required=name in required)
    for name, below in schema.get("patternProperties", {}).items():
        yield from _field(below, root, f"{path}./{name}/" if path else f"/{name}/", refs)
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from _field(schema["additionalProperties"], root, f"{path}.*" if path else "*", refs)
    if isinstance(schema.get("items"), Mapping):
        yield from _below(schema["items"], root, f"{path}[]", refs)
    for name in ("allOf", *ALTERNATIVES):
        for branch in schema.get(name, ()):
            yield from _below(branch, root, path, refs)
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in refs:
        yield from _below(_target(reference, root), root, path, (*refs, reference))


def _field(
    schema: Any,  # noqa: ANN401 - JSON
    root: Mapping[str, Any],
    path: str,
    refs: tuple[str, ...],
    *,
    required: bool = False,
) -> Iterator[Field]:
    described = schema.get("description", "") if isinstance(schema, Mapping) else ""
    yield Field(path=path, type=_type(schema, root, refs), required=required, description=str(described))
    yield from _below(schema, root, path, refs)


def _type(schema: Any, root: Mapping[str, Any], refs: tuple[str, ...]) -> str:  # noqa: ANN401 - JSON
    """Return a type and its limits in words: `integer, ≥ 0`, `array of string`, `"a" or "b"`."""
    if not isinstance(schema, Mapping):
        return "nothing" if schema is False else "anything"
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.rpartition("/")[2] or "the whole"
        return f"{name}, as above" if reference in refs else _type(_target(reference, root), root, (*refs, reference))
    bounds = [words.format(schema[name]) for name, words in BOUNDS.items() if name in schema]
    return ", ".join([_kind(schema, root, refs), *bounds])


def _kind(schema: Mapping[str, Any], root: Mapping[str, Any], refs: tuple[str, ...]) -> str:
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if "enum" in schema:
        return " or ".join(json.dumps(each, ensure_ascii=False) for each in schema["enum"])
    for name in ALTERNATIVES:
        if name in schema and "type" not in schema:
            return " or ".join(dict.fromkeys(_type(branch, root, refs) for branch in schema[name]))
    named = schema.get("type", "object" if "properties" in schema else "anything")
    words = " or ".join(named) if isinstance(named, list) else str(named)
    return f"{words} of {_type(schema['items'], root, refs)}" if words == "array" and "items" in schema else words


def _target(reference: str, root: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the schema that a reference within the contract names, or an empty one (RFC 6901)."""
    value: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value.get(key, {}) if isinstance(value, Mapping) else {}
    return value
