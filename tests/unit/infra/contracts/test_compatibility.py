"""Changes of a contract: which need a new major version, which functions they break, and which are compatible."""

import json
from pathlib import Path
from typing import Final

import pytest
from jsonschema import Draft202012Validator

from infra.contracts.compatibility import compare
from infra.declarations.loader import ROOT
from tests.unit.infra.contracts.changes import (
    ALLOWED,
    BEFORE,
    BOTH,
    CONSUMERS,
    PRODUCERS,
    REFUSED,
    Schema,
    changed,
    drop,
    put,
)


@pytest.mark.parametrize("name", REFUSED)
def test_a_breaking_change_is_found(name: str) -> None:
    """With the field, its old and new form and the functions that it breaks; no other change is found."""
    change, expected = REFUSED[name]
    assert compare(BEFORE, changed(change)) == [expected]


@pytest.mark.parametrize("name", ALLOWED)
def test_an_additive_change_passes(name: str) -> None:
    """Readers ignore unknown fields, and notes are not checked."""
    assert compare(BEFORE, changed(ALLOWED[name])) == []


OPPOSITE: Final = {CONSUMERS: PRODUCERS, PRODUCERS: CONSUMERS, BOTH: BOTH}


@pytest.mark.parametrize("name", [name for name in REFUSED if "required" not in name and "field" not in name])
def test_a_change_back_breaks_the_other_side(name: str) -> None:
    """A change that is looser in one direction is stricter in the other."""
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
    "a bound is removed": {"size": 101},
    "a field of a definition is retyped": {"parts": [{"number": "1"}]},
    "an optional field becomes required": {},
    "a new field is required": {},
    "an open object restricts a field": {"free": {"a": 1}},
}


@pytest.mark.parametrize("name", WITNESSES)
def test_an_event_proves_that_a_refused_change_breaks(name: str) -> None:
    """One of the two contracts accepts the event and the other refuses it."""
    change, expected = REFUSED[name]
    event = {"id": "a", "size": 1, "parts": [], "owner": {"name": "o"}} | WITNESSES[name]
    was, now = (Draft202012Validator(schema).is_valid(event) for schema in (BEFORE, changed(change)))
    assert was is not now
    assert expected.breaks in ((PRODUCERS, BOTH) if was else (CONSUMERS, BOTH))


def test_every_change_is_found() -> None:
    """Not only the first."""
    schema = changed(drop("properties.note"))
    put("properties.size.type", "string")(schema)
    assert [change.path for change in compare(BEFORE, schema)] == ["data.note", "data.size"]


def test_recursive_definitions_end() -> None:
    """In both schemas, or in one."""
    loop = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    tree = {"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"maxItems": 2, "items": {"$ref": "#/$defs/a"}}}}
    assert compare(loop, loop) == compare(tree, tree) == []
    assert [change.path for change in compare({}, tree)] == ["data[]"]
    assert [change.path for change in compare(tree, {})] == ["data[]"]


def test_an_unknown_keyword_must_not_change() -> None:
    """A keyword without a comparison of its own breaks both sides; a long value is truncated."""
    (change,) = compare({"if": {"const": "x" * 200}}, {"if": {}})
    assert (change.before[:14], len(change.before), change.breaks) == ("limited by if ", 120, BOTH)


@pytest.mark.parametrize("path", sorted((ROOT / "events").rglob("*.schema.json")), ids=lambda path: path.parent.name)
def test_an_unchanged_contract_is_compatible(path: Path) -> None:
    """Every contract of this repository, including alternatives that only require fields."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert compare(schema, schema) == []
