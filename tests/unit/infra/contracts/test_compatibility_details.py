"""Which changes of alternatives, nested items, definitions and enums are allowed, and how long text is shown."""

from typing import Any, Final

import pytest

from infra.contracts.compatibility import Breaks, compare

SMALL: Final[dict[str, Any]] = {"type": "object", "properties": {"a": {"type": "string"}}}
LARGE: Final[dict[str, Any]] = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}


def defined(schema: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that has one definition."""
    return {**schema, "$defs": {"part": definition}}


def test_a_definition_among_alternatives_may_get_an_optional_field() -> None:
    """Both schemas name it, so no writer sends other fields."""
    schema = {"anyOf": [{"$ref": "#/$defs/part"}]}
    assert compare(defined(schema, SMALL), defined(schema, LARGE)) == []


@pytest.mark.parametrize("named", ["before", "after"])
def test_an_alternative_that_is_a_definition_on_one_side_alone_may_not(named: str) -> None:
    """It is a change of the alternative: a writer may send the field already, with another type."""
    before, after = {"anyOf": [SMALL]}, {"anyOf": [LARGE]}
    reference = {"anyOf": [{"$ref": "#/$defs/part"}]}
    if named == "before":
        changes = compare(defined(reference, SMALL), after)
    else:
        changes = compare(before, defined(reference, LARGE))
    assert [(change.path, change.breaks) for change in changes] == [("data (anyOf 1).b", Breaks.PRODUCERS)]


@pytest.mark.parametrize("keyword", ["items", "additionalProperties"])
def test_what_is_nested_may_get_an_optional_field(keyword: str) -> None:
    """As the object around it may."""
    assert compare({keyword: SMALL}, {keyword: LARGE}) == []


def test_alternatives_of_which_one_holds_are_compared_in_pairs() -> None:
    """The change has the keyword and the number of the alternative in its path."""
    before = {"oneOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]}
    after = {"oneOf": [{"type": "string"}, {"type": "integer", "minimum": 2}]}
    (change,) = compare(before, after)
    assert (change.path, change.breaks) == ("data (oneOf 2)", Breaks.PRODUCERS)


def test_a_reference_to_no_definition_accepts_anything() -> None:
    """It is compared with what it became, in a schema without definitions too."""
    dangling = {"items": {"$ref": "#/$defs/part"}}
    assert compare(dangling, dangling) == []
    (change,) = compare(dangling, {"items": {"type": "string"}})
    assert (change.path, change.breaks) == ("data[]", Breaks.PRODUCERS)


def test_the_order_of_keys_in_an_enum_does_not_matter() -> None:
    """JSON objects have no order."""
    assert compare({"enum": [{"a": 1, "b": 2}]}, {"enum": [{"b": 2, "a": 1}]}) == []


def test_a_rule_is_shown_in_its_own_characters() -> None:
    """Not as escapes of JSON."""
    (change,) = compare({"pattern": "^ä"}, {"pattern": "^ö"})
    assert ('"^ä"' in change.before, '"^ö"' in change.after) == (True, True)


def test_a_rule_is_shown_whole_up_to_120_characters() -> None:
    """One more, and it is cut."""
    (known,) = compare({"pattern": ""}, {"pattern": "b"})
    room = 120 - len(known.before)
    (whole,) = compare({"pattern": "x" * room}, {"pattern": "x" * (room + 1)})
    assert (len(whole.before), whole.before[-2:]) == (120, 'x"')
    assert (len(whole.after), whole.after[-2:]) == (120, "x…")
