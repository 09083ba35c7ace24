"""The JSON Schema of function.toml, made from the dataclasses of spec.py: editors complete and check with it.

It is draft 4, the newest that Taplo knows. `python -m infra.declarations.schema` writes functions/function.schema.json.
"""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from infra.contracts.contracts import EVENT_TYPE
from infra.declarations import loader, naming
from infra.declarations.spec import KINDS, SNAKE_CASE, FunctionSpec, Resource

FILE: Final = loader.ROOT / "functions" / "function.schema.json"
GIVEN: Final = frozenset({"name", "reads"})  # fields that are no keys: of the folder, and of the samples
SCALARS: Final = {str: "string", int: "integer", float: "number", bool: "boolean"}
# What the catalogue checks beyond types and bounds, by the key.
RULES: Final[dict[str, dict[str, Any]]] = {
    "description": {"maxLength": loader.DESCRIPTION_LENGTH},
    "owner": {"pattern": f"^{loader.OWNER.pattern}$", "maxLength": loader.OWNER_LENGTH},
    "formerly": {
        "uniqueItems": True,
        "items": {"type": "string", "pattern": f"^{SNAKE_CASE.pattern}$", "maxLength": naming.NAME_LENGTH},
    },
    "trigger.samples": {"minItems": 1, "items": {"type": "string", "pattern": f"^{loader.SAMPLE.pattern}$"}},
    "access.emit": {"items": {"type": "string", "pattern": f"^{EVENT_TYPE.pattern}$"}},
}


def text() -> str:
    """Return the schema of a whole function.toml, as the file holds it."""
    head = {"$schema": "http://json-schema.org/draft-04/schema#", "title": "function.toml"}
    return json.dumps(head | _table(FunctionSpec, ""), indent=2, ensure_ascii=False) + "\n"


def keys(kind: type, path: str = "") -> Iterator[tuple[str, Field[Any], Any]]:
    """Yield every key of a table and of the tables in it: its dotted path, its field and its type."""
    hints = get_type_hints(kind)
    for field in fields(kind):
        if field.name in GIVEN:
            continue
        where, hint = f"{path}.{field.name}".lstrip("."), _without_none(hints[field.name])
        yield where, field, hint
        if _is_table(hint):
            yield from keys(hint, where)


def _table(kind: type, path: str) -> dict[str, Any]:
    own = [(where, field, hint) for where, field, hint in keys(kind, path) if where.rpartition(".")[0] == path]
    described = descriptions(kind)
    needed = [field.name for _, field, _ in own if field.default is MISSING and field.default_factory is MISSING]
    properties = {field.name: _key(where, field, hint, described) for where, field, hint in own}
    table = {"type": "object", "additionalProperties": False, "properties": properties}
    return table | ({"required": needed} if needed else {})


def _key(where: str, field: Field[Any], hint: Any, described: Mapping[str, str]) -> dict[str, Any]:  # noqa: ANN401 - a type
    schema = _type(hint, where, field.metadata.get("kinds", KINDS)) | RULES.get(where, {}) | _default(field)
    bounds = {"least": "minimum", "most": "maximum", "one_of": "enum"}
    rules = {word: field.metadata[name] for name, word in bounds.items() if name in field.metadata}
    also = field.metadata.get("also")
    schema |= rules if also is None else {"anyOf": [rules, {"enum": [also]}]}
    return {"description": described[field.name], **schema} if field.name in described else schema


def _type(hint: Any, where: str, kinds: Sequence[str]) -> dict[str, Any]:  # noqa: ANN401 - a type
    """Return what a value of a type may be; `kinds` are those of the resources it may name."""
    if _is_table(hint):
        return _table(hint, where)
    if hint is Resource:
        return {"type": "string", "pattern": rf"^({'|'.join(kinds)})\.[a-z][a-z0-9_]*(/[^*]*\*?)?$"}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0], where, kinds)}
    if get_origin(hint) is Mapping:
        _, below = get_args(hint)
        return {"type": "object"} | ({} if below is Any else {"additionalProperties": _type(below, where, kinds)})
    return {"type": SCALARS[hint]} | ({"minLength": 1} if hint is str else {})


def _default(field: Field[Any]) -> dict[str, Any]:
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    if default is MISSING or default in ("", None, {}):
        return {}
    if isinstance(default, tuple):
        default = list(default)
    return {} if is_dataclass(default) else {"default": default}


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


def _without_none(hint: Any) -> Any:  # noqa: ANN401 - a type
    """Return the type of a table that may be left out."""
    if isinstance(hint, UnionType):
        (hint,) = (each for each in get_args(hint) if each is not NoneType)
    return hint


def _is_table(hint: Any) -> bool:  # noqa: ANN401 - a type
    return isinstance(hint, type) and is_dataclass(hint) and hint is not Resource


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
