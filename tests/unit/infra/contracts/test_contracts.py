"""Contracts: which are refused and with which message, and which contracts a function needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.contracts import contracts
from infra.contracts.contracts import Contract, Contracts
from infra.declarations.loader import ROOT
from infra.declarations.spec import Access, FunctionSpec, SpecError, Trigger


def contract(schema: dict[str, Any], name: str = "thing.made") -> Contract:
    """Return the first version of a contract."""
    return Contract(name=name, version=1, file=f"events/{name}/1.schema.json", schema=schema)


def known(*files: str) -> Contracts:
    """Return contracts without rules, by their files."""
    return contracts.parse({f"events/{file}": '{"title": "Object Created"}' for file in files})


def function(emit: tuple[str, ...] = (), either: Any = None, **pattern: Any) -> FunctionSpec:  # noqa: ANN401 - a pattern's fields
    """Declare a function on a pattern, optionally with `$or`."""
    fields = {name.replace("_", "-"): wanted for name, wanted in pattern.items()} | ({"$or": either} if either else {})
    trigger = Trigger(samples=("s",), pattern=fields)
    return FunctionSpec(name="f", description="d", owner="o", trigger=trigger, access=Access(emit=emit))


def test_versions_are_numbers_and_the_newest_is_the_highest() -> None:
    """10 is newer than 9; a type without a contract has no newest version, and AWS events are not domain events."""
    found = known("thing.made/9.schema.json", "thing.made/10.schema.json", "aws.s3/object_created.1.schema.json")
    newest = contracts.newest(found, "thing.made")
    assert newest is not None
    assert (newest.version, newest.file) == (10, "events/thing.made/10.schema.json")
    assert contracts.newest(found, "thing.lost") is None
    assert contracts.event_types(found) == {"thing.made"}


@pytest.mark.parametrize(
    "file",
    [
        "thing.made/0.schema.json",
        "thing.made/01.schema.json",
        "thing.made/v1.schema.json",
        "thing/1.schema.json",
        "Thing.Made/1.schema.json",
        "thing.made/old/1.schema.json",
        "aws.s3/1.schema.json",
        "aws.s3/object_created.schema.json",
    ],
)
def test_a_contract_with_a_wrong_file_name_is_refused(file: str) -> None:
    """Otherwise no function would find and check it."""
    with pytest.raises(SpecError, match=rf"events/{file}: name a contract events/<type>/<N>\.schema\.json"):
        known(file)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "events/a.b/1.schema.json is not JSON: Expecting"),
        ('{"x": ' * 100_000, "events/a.b/1.schema.json is not JSON: maximum recursion depth exceeded"),
        ("[]", "events/a.b/1.schema.json is not a contract: it must be a JSON object"),
        (
            '{"additionalProperties": false}',
            "events/a.b/1.schema.json: #/additionalProperties: must not be false, or readers would refuse",
        ),
    ],
)
def test_an_invalid_contract_is_refused_with_its_file(tmp_path: Path, text: str, reason: str) -> None:
    """Synthesis fails with this message."""
    (tmp_path / "events" / "a.b").mkdir(parents=True)
    (tmp_path / "events" / "a.b" / "1.schema.json").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        contracts.load(tmp_path)
    assert str(refused.value).startswith(reason)


def test_a_contract_that_cannot_be_read_is_refused_with_its_file(tmp_path: Path) -> None:
    """Another encoding, and a folder with the name of a contract."""
    folder = tmp_path / "events" / "a.b"
    (folder / "2.schema.json").mkdir(parents=True)
    with pytest.raises(SpecError, match=r"^events/a\.b/2\.schema\.json cannot be read: Is a directory"):
        contracts.load(tmp_path)
    (folder / "1.schema.json").write_bytes(b"\xff")
    with pytest.raises(SpecError, match=r"^events/a\.b/1\.schema\.json is not UTF-8 text"):
        contracts.load(tmp_path)


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        (
            {"properties": {"a": {"type": "array", "items": {"additionalProperties": False}}}},
            "#/properties/a/items/additionalProperties: must not be false",
        ),
        ({"allOf": [{"unevaluatedProperties": False}]}, "#/allOf/0/unevaluatedProperties: must not be false"),
        ({"properties": {"a": False}}, "#/properties/a: must be an object, not false"),
        (
            {"properties": {"a": {"prefixItems": []}}},
            "#/properties/a: functions do not check the keyword 'prefixItems'",
        ),
        ({"properties": {"a": {"type": "objekt"}}}, '#/properties/a: unknown type "objekt"'),
        ({"dependentRequired": {}}, "#: functions do not check the keyword 'dependentRequired'"),
        ({"$defs": {"a": {"minContains": 1}}}, "#/$defs/a: functions do not check the keyword 'minContains'"),
        ({"anyOf": [{}, {"if": {}}]}, "#/anyOf/1: functions do not check the keyword 'if'"),
        ({"items": {"$ref": "https://example.com/x"}}, '#/items: $ref "https://example.com/x" must name a snake_case'),
        ({"$ref": "#/$defs/Thing", "$defs": {"Thing": {}}}, '#: $ref "#/$defs/Thing" must name a snake_case'),
        ({"$ref": "#/$defs/gone"}, '#: $ref "#/$defs/gone" must name a snake_case definition in #/$defs'),
        ({"$ref": "#/$defs/a", "maxLength": 1, "$defs": {"a": {}}}, "#: 'maxLength' beside $ref is not checked"),
        (
            {"properties": {}, "additionalProperties": {}},
            "#: 'additionalProperties' beside properties would also apply",
        ),
        ({"properties": {}, "maxProperties": 3}, "#: 'maxProperties' beside properties would also apply to fields"),
        ({"properties": {}, "required": ["a"]}, "#: 'a' is required but not in properties"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "#: $schema must be https://json-schema.org/draft/20"),
    ],
)
def test_a_contract_has_only_rules_that_are_checked(schema: dict[str, Any], fault: str) -> None:
    """The functions' validator ignores unknown keywords silently, so they are refused here, with the place."""
    assert next(contracts.faults(contract(schema))).startswith(fault)


def test_notes_are_valid_everywhere() -> None:
    """Notes, references with notes, typed maps and open objects are valid."""
    schema = {
        "title": "t",
        "properties": {
            "a": {"$ref": "#/$defs/a", "description": "d"},
            "map": {"additionalProperties": {"type": "null"}},
        },
        "required": ["a"],
        "additionalProperties": True,
        "$defs": {"a": {"type": "string", "format": "uri", "examples": ["x"], "deprecated": True}},
    }
    assert list(contracts.faults(contract(schema))) == []


def test_contracts_of_aws_events_may_use_all_keywords() -> None:
    """Functions do not check them; only forbidding unknown fields is refused."""
    assert list(contracts.faults(contract({"allOf": [{}]}, "aws.s3/object_created"))) == []
    assert list(contracts.faults(contract({"additionalProperties": False}, "aws.s3/object_created")))


@pytest.mark.parametrize(
    ("event", "file"),
    [
        ({"detail-type": "a.b", "detail": {"specversion": "1.0"}}, "a.b/1"),
        ({"detail-type": "a.b", "detail": {"specversion": "1.0", "dataschema": "herald:a.b/2"}}, "a.b/2"),
        ({"detail-type": "a.b", "detail": {"specversion": "1.0", "dataschema": "herald:a.b/3"}}, None),
        ({"detail-type": "a.b", "detail": {"specversion": "1.0", "dataschema": "nonsense"}}, None),
        ({"detail-type": "a.c", "detail": {"specversion": "1.0"}}, None),
        ({"source": "aws.s3", "detail-type": "Object Created", "detail": {}}, "aws.s3/object_created.1"),
        ({"source": "aws.s3", "detail-type": "Object Created", "detail": "text"}, None),
    ],
)
def test_an_event_has_the_contract_it_names(event: dict[str, Any], file: str | None) -> None:
    """By type and dataschema for a CloudEvent, by source and detail-type for an AWS event."""
    found = known("a.b/1.schema.json", "a.b/2.schema.json", "aws.s3/object_created.1.schema.json")
    its = contracts.of_event(found, event)
    assert (its and its.file) == (file and f"events/{file}.schema.json")


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        (function(detail_type=["a.b"]), ["a.b/1", "a.b/2"]),
        (function(detail_type=[{"prefix": "a."}]), ["a.b/1", "a.b/2", "a.c/1"]),
        (function(source=["shop"]), ["a.b/1", "a.b/2", "a.c/1"]),
        (function(source=["aws.s3"]), []),
        (function(source=["aws.s3"], emit=("a.c",)), ["a.c/1"]),
        (function(detail_type=["a.c"], emit=("a.b",)), ["a.b/1", "a.b/2", "a.c/1"]),
        (function(detail_type=["d.e"]), []),
        (
            function(either=[{"detail-type": ["a.b"]}, {"detail-type": ["d.e"], "source": ["shop"]}]),
            ["a.b/1", "a.b/2"],
        ),
        (function(either=[{"detail-type": ["a.b"]}, {"source": ["shop"]}]), ["a.b/1", "a.b/2", "a.c/1"]),
    ],
)
def test_a_function_needs_what_it_consumes_and_emits(spec: FunctionSpec, wanted: list[str]) -> None:
    """All versions, because producers upgrade at different times."""
    found = known("a.b/1.schema.json", "a.b/2.schema.json", "a.c/1.schema.json", "aws.s3/object_created.1.schema.json")
    assert [each.file for each in contracts.needed(found, spec)] == [f"events/{name}.schema.json" for name in wanted]


def test_objects_written_to_a_bucket_are_consumed_by_source_and_title() -> None:
    """Consumers of an AWS event are found by the pattern too, on the default bus."""
    aws = contract({"title": "Object Created"}, "aws.s3/object_created")
    assert aws.reaches(function(source=["aws.s3"], detail_type=["Object Created"]))
    assert not aws.reaches(function(source=["aws.s3"], detail_type=["Object Deleted"]))
    assert not aws.reaches(function(detail_type=["thing.made"]))


def test_contracts_are_json_of_this_repository() -> None:
    """Every version of every contract in events/ is found exactly once."""
    found = list(contracts.every(contracts.load(ROOT)))
    assert len(found) == len(list((ROOT / "events").rglob("*.schema.json")))
    assert all(json.loads((ROOT / each.file).read_bytes()) == each.schema for each in found)
