"""The reference of function.toml, from its JSON Schema."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from herald.reference.markdown import page as markdown
from herald.reference.markdown import table
from infra.declarations import schema

INTRODUCTION: Final = """
Every folder in `functions/` has a `function.toml`. This page lists its keys. A key without a default is required where
its table is present. `herald check` refuses an unknown key, a wrong type and a value outside its bounds, and names the
file and the key.
"""
BOUNDS: Final = {"minimum": "at least {:,}", "maximum": "at most {:,}", "maxLength": "at most {:,} characters"}

type Schema = Mapping[str, Any]


def page() -> str:
    """Return the page."""
    tables = dict(_tables(json.loads(schema.text()), ""))
    parts = [_section(path, found) for path, found in tables.items()]
    return markdown("function.toml", INTRODUCTION, *parts)


def _tables(found: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """Yield a table and all tables in it by their dotted paths."""
    yield path, found
    for name, below in found.get("properties", {}).items():
        where = f"{path}.{name}".lstrip(".")
        if "properties" in below:
            yield from _tables(below, where)
        elif _named_tables(below):
            yield from _tables(_named_tables(below) | {"description": below["description"]}, f"{where}.<name>")


def _section(path: str, found: Schema) -> str:
    keys = {name: key for name, key in found.get("properties", {}).items() if not _is_table(key)}
    rows = [
        (f"`{name}`", _type(key), _default(name, key, found), _allowed(key), key.get("description", ""))
        for name, key in keys.items()
    ]
    title = f"## `[{path}]`" if path else "## Top level"
    text = table(("Key", "Type", "Default", "Allowed", "Description"), rows) if rows else ""
    return "\n\n".join(part for part in (title, found.get("description", ""), text) if part)


def _is_table(key: Schema) -> bool:
    return "properties" in key or bool(_named_tables(key))


def _named_tables(key: Schema) -> dict[str, Any]:
    """Return the schema of the tables in a table of free names; {} if the key is not such a table."""
    below = key.get("additionalProperties")
    return below if isinstance(below, dict) and "properties" in below else {}


def _type(key: Schema) -> str:
    if key.get("type") == "array":
        return f"array of {key['items'].get('type', 'value')}"
    return str(key.get("type", "integer" if "anyOf" in key else "value")).replace("object", "table")


def _default(name: str, key: Schema, found: Schema) -> str:
    if name in found.get("required", ()):
        return "required"
    return f"`{json.dumps(key['default'], ensure_ascii=False)}`" if "default" in key else ""


def _allowed(key: Schema) -> str:
    alternatives = [_allowed(each) for each in key.get("anyOf", ())]
    bounds = [words.format(key[name]) for name, words in BOUNDS.items() if name in key]
    values = [" or ".join(f"`{value}`" for value in key["enum"])] if "enum" in key else []
    return "; ".join([*bounds, *values]) or " or ".join(alternatives)
