"""The schema of function.toml that editors use says what the catalogue does, and every typo is caught by both."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from infra.declarations import loader, schema, validation
from infra.declarations.spec import FunctionSpec, SpecError

SCHEMA: Final[dict[str, Any]] = json.loads(schema.text())
KEYS: Final = [where for where, _, _ in schema.keys(FunctionSpec)]
DECLARATIONS: Final = sorted((loader.ROOT / "functions").glob("*/function.toml"))
GOOD: Final = {"description": "d", "owner": "o", "trigger": {"samples": ["s"], "pattern": {"source": ["shop"]}}}
# How fingers err: a letter left out, one twice, two that changed places.
TYPOS: Final = {
    "left_out": lambda key: key[:-1],
    "twice": lambda key: key[:1] + key,
    "swapped": lambda key: key[1] + key[0] + key[2:],
}


def faults(table: dict[str, Any]) -> list[str]:
    """Return what an editor would mark in a declaration."""
    return [error.message for error in jsonschema.Draft4Validator(SCHEMA).iter_errors(table)]


def placed(where: str, value: object) -> dict[str, Any]:
    """Return the good declaration with one more key at a dotted path."""
    table: dict[str, Any] = json.loads(json.dumps(GOOD))
    *tables, key = where.split(".")
    inner = table
    for name in tables:
        inner = inner.setdefault(name, {})
    inner[key] = value
    return table


def test_the_file_is_what_the_dataclasses_say() -> None:
    """Editors read the file; it is written from the code."""
    fresh = schema.FILE.read_text(encoding="utf-8") == schema.text()
    assert fresh, "functions/function.schema.json is stale: write it with `python -m infra.declarations.schema`"


def test_it_is_a_schema_of_the_draft_that_taplo_knows() -> None:
    """Draft 4."""
    jsonschema.Draft4Validator.check_schema(SCHEMA)


def test_every_key_is_described() -> None:
    """In the text below its field in infra/declarations/spec.py, which is what an editor shows."""
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
    """An editor marks nothing in it."""
    assert faults(tomllib.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("typo", TYPOS)
@pytest.mark.parametrize("where", KEYS)
def test_a_typo_in_any_key_is_refused_with_what_was_meant(where: str, typo: str) -> None:
    """By the catalogue with the right suggestion, and by the schema; a new key is covered as it appears."""
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
        ("access.emit", ["Published"]),
        ("access.read", ["outputs"]),
        ("access.read", ["topic.notices"]),
        ("secrets.keys", "webhooks"),
    ],
)
def test_what_the_catalogue_refuses_an_editor_marks(where: str, value: object) -> None:
    """Types, bounds, choices and the form of names."""
    assert faults(placed(where, value))


def test_a_key_left_out_has_its_default_in_the_schema() -> None:
    """An editor can offer it; what must be there has none."""
    delivery = SCHEMA["properties"]["delivery"]["properties"]
    assert (delivery["max_attempts"]["default"], delivery["order"]["default"]) == (5, "none")
    assert SCHEMA["required"] == ["description", "owner", "trigger"]
