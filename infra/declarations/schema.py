"""The JSON Schema of function.toml, made from the dataclasses of spec.py; editors complete and check with it.

It is draft 4, the newest that Taplo supports. `python -m infra.declarations.schema` writes
functions/function.schema.json.
"""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, is_dataclass
from itertools import pairwise
from typing import Any, Final, get_args, get_origin, get_type_hints

from infra.declarations import loader
from infra.declarations.field_rules import FieldRules, TextRule, is_required, rules_of
from infra.declarations.naming import SNAKE_CASE
from infra.declarations.resource_names import KINDS, Resource, reference_pattern
from infra.declarations.spec import FunctionSpec
from infra.declarations.validation import is_table, keys_of, without_none

FILE: Final = loader.ROOT / "functions" / "function.schema.json"
SCALARS: Final = {str: "string", int: "integer", float: "number", bool: "boolean"}


def text() -> str:
    """Return the schema of a whole function.toml, as the file contains it."""
    head = {"$schema": "http://json-schema.org/draft-04/schema#", "title": "function.toml"}
    return json.dumps(head | _table(FunctionSpec), indent=2, ensure_ascii=False) + "\n"


def keys(kind: type, path: str = "") -> Iterator[str]:
    """Yield the dotted path of every key of a table and of the tables in it."""
    hints = get_type_hints(kind)
    for name in keys_of(kind):
        where, hint = f"{path}.{name}".lstrip("."), without_none(hints[name])
        yield where
        if is_table(hint):
            yield from keys(hint, where)


def _table(kind: type) -> dict[str, Any]:
    hints, described, own = get_type_hints(kind), descriptions(kind), keys_of(kind)
    properties = {name: _key(field, without_none(hints[name]), described) for name, field in own.items()}
    required = [name for name, field in own.items() if is_required(field)]
    table = {"type": "object", "additionalProperties": False, "properties": properties}
    return table | ({"required": required} if required else {})


def _key(field: Field[Any], hint: Any, described: Mapping[str, str]) -> dict[str, Any]:  # noqa: ANN401 - a type
    schema = _type(hint, rules_of(field)) | _default(field)
    return {"description": described[field.name], **schema} if field.name in described else schema


def _type(hint: Any, rules: FieldRules) -> dict[str, Any]:  # noqa: ANN401 - a type
    """Return the schema of a type and its rules."""
    if is_table(hint):
        return _table(hint)
    if hint is Resource:
        return {"type": "string", "pattern": f"^{reference_pattern(rules.kinds or KINDS)}$"}
    if get_origin(hint) is tuple:
        items: dict[str, Any] = {"type": "array", "items": _type(get_args(hint)[0], rules)}
        items |= {"minItems": rules.min_items} if rules.min_items else {}
        return items | ({"uniqueItems": True} if rules.unique_items else {})
    if get_origin(hint) is Mapping:
        return _named(get_args(hint)[1], rules)
    return {"type": SCALARS[hint]} | _text(hint, rules.text) | _values(rules)


def _named(item: Any, rules: FieldRules) -> dict[str, Any]:  # noqa: ANN401 - a type
    """Return the schema of a table with free names; without rules for them, the table has any form."""
    below = {} if item is Any else _type(item, rules)
    if not rules.names:
        return {"type": "object"} | ({"additionalProperties": below} if below else {})
    return {"type": "object", "patternProperties": {f"^{SNAKE_CASE.pattern}$": below}, "additionalProperties": False}


def _text(hint: Any, rule: TextRule | None) -> dict[str, Any]:  # noqa: ANN401 - a type
    if hint is not str:
        return {}
    pattern = {"pattern": f"^{rule.pattern.pattern}$"} if rule and rule.pattern else {"minLength": 1}
    return pattern | ({"maxLength": rule.max_length} if rule and rule.max_length else {})


def _values(rules: FieldRules) -> dict[str, Any]:
    if rules.choices:
        return {"enum": rules.choices}
    if rules.minimum is None:
        return {}
    bounds = {"minimum": rules.minimum, "maximum": rules.maximum}
    return bounds if rules.also is None else {"anyOf": [bounds, {"enum": [rules.also]}]}


def _default(field: Field[Any]) -> dict[str, Any]:
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    if default is MISSING or default in ("", None, {}) or is_dataclass(default):
        return {}
    return {"default": list(default) if isinstance(default, tuple) else default}


def descriptions(kind: type) -> dict[str, str]:
    """Return the text below each field of a dataclass."""
    (body,) = (
        node.body for node in ast.parse(textwrap.dedent(inspect.getsource(kind))).body if isinstance(node, ast.ClassDef)
    )
    return {
        field.target.id: text.value.value
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
