"""Functions validate with fastjsonschema, tools with jsonschema. Both agree on every rule that contracts may use."""

from typing import Any, Final

import fastjsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from infra.contracts.schema_rules import RULES

TEXT: Final = {"type": "string"}
SCHEMAS: Final[list[dict[str, Any]]] = [
    *({"type": name} for name in ("array", "boolean", "integer", "null", "number", "object", "string")),
    {"type": ["integer", "null"]},
    {"enum": [0, True, "a", None, [1], {"a": 1}]},
    {"const": False},
    {"const": 1},
    {"required": ["a"], "properties": {"a": {"type": ["number", "null"]}, "b": TEXT}},
    {"properties": {"a": {"properties": {"b": {"type": "integer"}}, "required": ["b"]}}},
    {"additionalProperties": {"type": "integer"}},
    {"propertyNames": {"maxLength": 1}},
    {"minProperties": 1, "maxProperties": 2},
    {"items": {"type": "integer"}},
    {"minItems": 1, "maxItems": 2},
    {"uniqueItems": True},
    {"minLength": 1, "maxLength": 2},
    {"pattern": "^[a-c]"},
    {"minimum": 0, "maximum": 2},
    {"exclusiveMinimum": 0, "exclusiveMaximum": 2},
    {"multipleOf": 2},
    {"anyOf": [{"type": "integer"}, {"properties": {"a": TEXT}, "required": ["a"]}]},
    {"oneOf": [{"type": "number"}, {"type": "integer"}, TEXT]},
    {"$ref": "#/$defs/tree", "$defs": {"tree": {"properties": {"a": {"$ref": "#/$defs/tree"}}, "type": "object"}}},
    {"type": "string", "format": "date-time", "default": "x", "description": "d"},
]
VALIDATORS: Final = {
    str(schema): fastjsonschema.compile(schema, use_default=False, use_formats=False) for schema in SCHEMAS
}

scalars: Final = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, -2.0]) | st.text("abcd", max_size=3)
)
values: Final = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
@given(value=values)
def test_both_validators_come_to_the_same_verdict(schema: dict[str, Any], value: object) -> None:
    """For any value, the result in a test is the same as in production."""
    validate = VALIDATORS[str(schema)]
    try:
        validate(value)
        passed = True
    except fastjsonschema.JsonSchemaValueException:
        passed = False
    assert passed == Draft202012Validator(schema).is_valid(value)


def test_every_rule_that_contracts_may_use_is_compared() -> None:
    """A keyword may be used in contracts only if both validators are compared on it here."""
    assert {key for schema in SCHEMAS for key in schema} >= RULES
