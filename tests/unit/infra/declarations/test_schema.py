"""The schema of function.toml for editors has the rules that the loader enforces, and both find every typo."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from infra.declarations import loader, schema, validation
from infra.declarations.spec import FunctionSpec, SpecError

SCHEMA: Final[dict[str, Any]] = json.loads(schema.text())
KEYS: Final = list(schema.keys(FunctionSpec))
DECLARATIONS: Final = sorted((loader.ROOT / "functions").glob("*/function.toml"))
GOOD: Final = {"description": "d", "owner": "o", "trigger": {"samples": ["shop/s"], "pattern": {"source": ["shop"]}}}
# Common typos: a missing letter, a doubled letter, two swapped letters.
TYPOS: Final = {
    "left_out": lambda key: key[:-1],
    "twice": lambda key: key[:1] + key,
    "swapped": lambda key: key[1] + key[0] + key[2:],
}


def faults(table: dict[str, Any]) -> list[str]:
    """Return the errors that an editor shows for a declaration."""
    return [error.message for error in jsonschema.Draft4Validator(SCHEMA).iter_errors(table)]


def placed(where: str, value: object) -> dict[str, Any]:
    """Return the good declaration with a value at a dotted path."""
    table: dict[str, Any] = json.loads(json.dumps(GOOD))
    *tables, key = where.split(".")
    inner = table
    for name in tables:
        inner = inner.setdefault(name, {})
    inner[key] = value
    return table


def test_the_file_is_made_from_the_dataclasses() -> None:
    """Editors read the file; the code writes it."""
    fresh = schema.FILE.read_text(encoding="utf-8") == schema.text()
    assert fresh, "functions/function.schema.json is stale: write it with `python -m infra.declarations.schema`"


def test_the_schema_is_valid_draft_4() -> None:
    """Taplo supports no newer draft."""
    jsonschema.Draft4Validator.check_schema(SCHEMA)


def test_every_key_is_described() -> None:
    """Editors show the text below the field in infra/declarations/spec.py."""
    undescribed = []
    for where in KEYS:
        described = SCHEMA
        for name in where.split("."):
            described = described["properties"][name]
        if "description" not in described:
            undescribed.append(where)
    assert undescribed == [], "write a text below these fields in infra/declarations/spec.py"


@pytest.mark.parametrize("path", DECLARATIONS, ids=lambda path: path.parent.name)
def test_a_declaration_of_this_repository_is_valid(path: Path) -> None:
    """An editor shows no errors for it."""
    assert faults(tomllib.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("typo", TYPOS)
@pytest.mark.parametrize("where", KEYS)
def test_a_typo_in_any_key_is_refused_with_a_suggestion(where: str, typo: str) -> None:
    """The loader suggests the right key, and the schema refuses the typo; new keys are covered automatically."""
    table, _, key = where.rpartition(".")
    wrong = TYPOS[typo](key)
    declared = placed(f"{table}.{wrong}".lstrip("."), "x")
    with pytest.raises(SpecError) as refused:
        validation.read(FunctionSpec, declared, name="f")
    place = f" in [{table}]" if table else ""
    assert str(refused.value) == f"unknown key '{wrong}'{place}; did you mean '{key}'?"
    assert any(f"'{wrong}' was unexpected" in fault for fault in faults(declared))


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("timeout_seconds", 901),
        ("memory_mb", "512"),
        ("owner", "Sales Team"),
        ("owner", "x" * 65),
        ("description", "x" * 257),
        ("formerly", ["Greet"]),
        ("formerly", ["g" * 41]),
        ("formerly", ["greet", "greet"]),
        ("trigger.samples", []),
        ("delivery.batch_size", 0),
        ("delivery.order", "newer"),
        ("logging.level", "WARN"),
        ("logging.sample", 1.5),
        ("logging.sample", "1 %"),
        ("logging.sample", True),
        ("access.emit", ["Published"]),
        ("access.read", ["outputs"]),
        ("access.read", ["topic.notices"]),
        ("secrets.keys", "webhooks"),
        ("secrets.keys", "topic.notices"),
        ("secrets", {"Keys": "secret.webhooks"}),
        ("settings", {"Quiet": 1}),
        ("trigger.http.senders", {"a": {"types": [], "subjects": ["*"]}}),
    ],
)
def test_an_editor_marks_values_that_the_loader_refuses(where: str, value: object) -> None:
    """Types, bounds, choices and the form of names."""
    declared = placed(where, value)
    assert faults(declared)
    with pytest.raises(SpecError):
        validation.read(FunctionSpec, declared, name="f")


def test_an_optional_key_has_its_default_in_the_schema() -> None:
    """Editors can offer it; required keys have no default."""
    delivery = SCHEMA["properties"]["delivery"]["properties"]
    assert (delivery["max_attempts"]["default"], delivery["order"]["default"]) == (5, "none")
    assert SCHEMA["required"] == ["description", "owner", "trigger"]
