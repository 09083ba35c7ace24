"""Examples that are made up: data for a contract, events for a pattern."""

import json
from typing import Any

import pytest

from functions.runtime.patterns import pattern
from herald.errors import CommandError
from herald.scaffold import new_contract
from herald.scaffold.matching import matching
from herald.scaffold.minimal_value import minimal_value
from infra.declarations import loader

TYPES = sorted(path.parent.name for path in (loader.ROOT / "events").glob("*/1.schema.json"))


@pytest.mark.parametrize("event_type", TYPES)
def test_every_type_of_this_repository_has_an_example(event_type: str) -> None:
    """A function that emits it can begin with data that keep the contract."""
    data = new_contract.example(loader.ROOT, event_type)
    assert new_contract.fault(data, new_contract.of(loader.ROOT, event_type).schema) is None


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "example"),
        ({"type": "string", "minLength": 9}, "examplexx"),
        ({"type": "string", "maxLength": 2}, "ex"),
        ({"type": "string", "format": "date"}, "2026-11-12"),
        ({"const": 7}, 7),
        ({"enum": ["b", "a"]}, "b"),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "integer", "minimum": 3, "multipleOf": 5}, 5),
        ({"type": "number", "minimum": 0.5, "multipleOf": 0.5}, 0.5),
        ({"type": ["null", "string"]}, None),
        ({"type": "array", "minItems": 2, "items": {"type": "boolean"}}, [False, False]),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, 0),
        ({"properties": {"a": {}, "b": {}}, "required": ["b"]}, {"b": "example"}),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"type": "null"}}}, None),
    ],
)
def test_a_minimal_value_has_only_what_a_schema_requires(schema: dict[str, Any], expected: object) -> None:
    """And nothing else; the schema accepts it."""
    assert minimal_value(schema, schema) == expected
    assert new_contract.fault(expected, schema) is None


@pytest.mark.parametrize(
    "alternative",
    [
        "text",
        7,
        1.5,
        True,
        None,
        {"prefix": "a/"},
        {"prefix": {"equals-ignore-case": "A/"}},
        {"suffix": ".xml"},
        {"suffix": {"equals-ignore-case": ".XML"}},
        {"equals-ignore-case": "Shop"},
        {"wildcard": "a/*/b\\*\\\\c*"},
        {"numeric": ["=", 3]},
        {"numeric": ["<", -5]},
        {"numeric": [">", 0, "<", 0.5]},
        {"numeric": [">=", 2, "<", 3]},
        {"cidr": "10.1.0.0/16"},
        {"cidr": "192.0.2.7/31"},
        {"cidr": "010.1.0.0/16"},
        {"exactly": "text"},
        {"cidr": "2001:db8::/64"},
        {"exists": True},
        {"exists": False},
        {"anything-but": ["example", "x"]},
        {"anything-but": ["example", "another example"]},
        {"anything-but": {"prefix": "ex"}},
    ],
    ids=json.dumps,
)
def test_every_operator_has_an_example(alternative: Any) -> None:  # noqa: ANN401 - JSON
    """Whatever stood there before, also beyond an array or a text that is in the way."""
    wanted = {"detail": {"a": {"b": [alternative]}}}
    for event in ({}, {"detail": {"a": {"b": "no"}}}, {"detail": {"a": [{"b": "no"}]}}, {"detail": {"a": "text"}}):
        assert pattern.matches(wanted, matching(wanted, event))


def test_what_matches_stays_as_it_is() -> None:
    """Only fields that do not match are changed."""
    event = {"source": "shop", "detail": {"a": 1, "b": 2, "c": [3]}}
    assert matching({"source": ["shop"], "detail": {"b": [5]}}, event) == event | {"detail": {"a": 1, "b": 5, "c": [3]}}


def test_of_alternatives_the_first_that_can_be_met_is() -> None:
    """A branch of `$or` that nothing can meet is passed by."""
    hopeless = {"x": [{"equals-ignore-case": "😀"}]}
    assert matching({"$or": [hopeless, {"y": [1]}]}, {}) == {"y": 1}
    with pytest.raises(CommandError, match="x: no value can be made up for"):
        matching({"$or": [hopeless, hopeless]}, {})


def test_what_stands_elsewhere_in_the_event_is_not_taken_away() -> None:
    """A dotted name is the field that an event has below a table; the sentence names it."""
    with pytest.raises(CommandError, match=r"no event can be made up that matches the pattern: a\.b: 1 is present"):
        matching({"a.b": [{"exists": False}]}, {"a": {"b": 1}})
