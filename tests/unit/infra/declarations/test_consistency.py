"""Where code, declarations, samples and contracts disagree, and the messages about it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from infra.contracts import contracts
from infra.declarations import consistency
from infra.declarations.spec import Access, DeliverySpec, FunctionSpec, Resource, Trigger

HANDLER: Final = """
from functions.welcome.logic import TYPE
BUCKET: Final = "artifacts"

def handle(event, run):
    run.create(BUCKET, "key", b"", content_type="text/plain")
    run.emit(TYPE, {}, subject=event.subject)
    run.log.write("not an effect")
    other.emit("not.ours", {})
"""
LOGIC: Final = 'TYPE = "customer.welcomed"\n'


def function(pattern: dict[str, Any] | None = None, **access: Any) -> FunctionSpec:  # noqa: ANN401 - lists of [access]
    """Declare the effects of the handler above, with changes."""
    declared: dict[str, Any] = {"write": (Resource("bucket", "artifacts", "*"),), "emit": ("customer.welcomed",)}
    trigger = Trigger(samples=("s",), pattern=pattern or {"detail-type": ["customer.created"]})
    return FunctionSpec(name="welcome", description="d", owner="o", trigger=trigger, access=Access(**declared | access))


def faults(root: Path, spec: FunctionSpec, handler: str = HANDLER) -> list[str]:
    """Return the messages about a handler and its declaration."""
    folder = root / "functions" / spec.name
    folder.mkdir(parents=True)
    (folder / "handler.py").write_text(handler, encoding="utf-8")
    (folder / "logic.py").write_text(LOGIC, encoding="utf-8")
    return list(consistency.code_faults(root, spec))


def test_code_with_the_declared_effects_has_no_fault(tmp_path: Path) -> None:
    """Constants of the folder are resolved, and only calls of the run count."""
    assert faults(tmp_path, function()) == []


@pytest.mark.parametrize(
    ("access", "fault"),
    [
        (
            {"emit": ()},
            "functions/welcome/handler.py:7: run.emit('customer.welcomed'), but access.emit does not contain it",
        ),
        (
            {"write": (Resource("table", "artifacts"),)},
            "functions/welcome/handler.py:6: run.create('artifacts'), but access.write does not contain it",
        ),
        (
            {"write": (Resource("bucket", "outputs", "*"), Resource("bucket", "artifacts", "*"))},
            "functions/welcome/function.toml: access.write contains 'outputs', but the code does not use it",
        ),
        (
            {"publish": (Resource("topic", "notices"),)},
            "functions/welcome/function.toml: access.publish contains 'notices', but the code does not use it",
        ),
    ],
)
def test_a_difference_between_code_and_declaration_is_found(tmp_path: Path, access: dict[str, Any], fault: str) -> None:
    """In both directions, with the line of the code or the key of the declaration."""
    assert faults(tmp_path, function(**access)) == [fault]


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ('"a.b"', ["a.b"]),
        ('"a.b" if event else "c.d"', ["a.b", "c.d"]),
        ("TYPE", []),
        ("event.type", []),
        ('event_type="a.b"', ["a.b"]),
    ],
)
def test_types_are_read_from_the_source_code(tmp_path: Path, argument: str, said: list[str]) -> None:
    """A value that is known only at run time is not a fault."""
    handler = f"def handle(event, run):\n    run.emit({argument})\n"
    found = faults(tmp_path, function(write=()), handler)
    assert [fault.split("'")[1] for fault in found if "run.emit('" in fault] == said


def test_an_emit_with_a_type_of_run_time_may_use_any_declared_type(tmp_path: Path) -> None:
    """So no declared type is reported as unused."""
    handler = "def handle(event, run):\n    run.emit(event.data['type'], {}, subject='s')\n"
    assert faults(tmp_path, function(write=()), handler) == []


@pytest.mark.parametrize(
    ("wakes", "code", "said"),
    [
        (True, "run.wake(after=QUIET)", []),
        (False, "run.log.info('no')", []),
        (False, "run.wake(after=QUIET)", ["handler.py:2: run.wake needs wakes = true in [delivery]"]),
        (True, "run.log", ["function.toml: delivery.wakes is true, but the code does not call run.wake"]),
    ],
)
def test_a_function_with_wakes_declares_them(tmp_path: Path, wakes: bool, code: str, said: list[str]) -> None:  # noqa: FBT001 - a table
    """Only then may the role send messages to the function's own queue."""
    spec = replace(function(write=(), emit=()), delivery=DeliverySpec(order="newest", wakes=wakes))
    assert faults(tmp_path, spec, f"def handle(event, run):\n    {code}\n") == [f"functions/welcome/{s}" for s in said]


def test_a_consumed_type_needs_a_contract() -> None:
    """A domain event type in a pattern; operators and types of AWS events are ignored."""
    known = contracts.parse({"events/a.b/1.schema.json": "{}"})
    pattern = {"detail-type": ["a.b", "c.d", {"prefix": "e."}, "Object Created"]}
    assert list(consistency.types_without_contract(function(pattern), known)) == ["c.d"]
    assert (
        list(consistency.types_without_contract(function({"source": ["aws.s3"], "detail-type": ["c.d"]}), known)) == []
    )


def test_valid_and_invalid_samples_are_found(tmp_path: Path) -> None:
    """By the name that a trigger uses; contracts are not samples."""
    for name in ("a.b/1.schema.json", "a.b/x.json", "a.b/invalid/y.json", "aws.s3/z.json", "aws.s3/z.object"):
        path = tmp_path / "events" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    assert list(consistency.samples(tmp_path)) == ["a.b/x", "aws.s3/z"]
    assert list(consistency.invalid_samples(tmp_path)) == ["a.b/invalid/y"]


@pytest.mark.parametrize(
    ("event", "faults_"),
    [
        ({"detail-type": "a.b", "detail": {"specversion": "1.0", "data": {"n": 1}}}, []),
        (
            {"detail-type": "a.b", "detail": {"specversion": "1.0", "data": {"n": "x"}}},
            ["data.n: 'x' is not of type 'integer'"],
        ),
        ({"detail-type": "a.c", "detail": {"specversion": "1.0", "data": {}}}, ["the event type a.c has no contract"]),
        ({}, ["the event type None has no contract"]),
    ],
)
def test_a_sample_that_violates_its_contract_is_found(event: dict[str, Any], faults_: list[str]) -> None:
    """With the field and the message of jsonschema."""
    schema = {"properties": {"n": {"type": "integer"}}}
    known = contracts.parse({"events/a.b/1.schema.json": json.dumps(schema)})
    assert list(consistency.sample_faults(known, event)) == faults_


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ('{"description": "d", "type": "text"}', "$.type: 'text' is not valid under any of the given schemas"),
        ("{}", "description is missing: write what happened"),
    ],
)
def test_a_contract_that_is_not_a_schema_is_found(schema: str, fault: str) -> None:
    """By the meta-schema of 2020-12; a description is required too."""
    (contract,) = contracts.every(contracts.parse({"events/a.b/1.schema.json": schema}))
    assert list(consistency.schema_faults(contract)) == [fault]


@pytest.mark.parametrize(
    ("pattern", "reads", "said"),
    [
        ({"detail-type": ["a.b"]}, {}, ["has no sample of a.b, so it may not read version 1, 2:"]),
        ({"detail-type": ["a.b"]}, {"a.b": (1,)}, ["reads only version 1 of a.b, so it would reject version 2:"]),
        (
            {"detail-type": [{"prefix": "a."}]},
            {"a.b": (2,)},
            ["reads only version 2 of a.b, so it would reject version 1:"],
        ),
        ({"detail-type": [{"prefix": "a."}]}, {}, []),
        ({"detail-type": ["a.b"]}, {"a.b": (1, 2)}, []),
        ({"detail-type": ["c.d"]}, {}, []),
        ({"source": ["aws.s3"], "detail-type": ["a.b"]}, {}, []),
    ],
)
def test_a_consumer_reads_the_versions_of_its_samples(
    pattern: dict[str, Any], reads: dict[str, tuple[int, ...]], said: list[str]
) -> None:
    """Types that neither its pattern nor a sample contains are ignored, and types with one version."""
    known = contracts.parse({f"events/{name}.schema.json": "{}" for name in ("a.b/1", "a.b/2", "c.d/1")})
    found = list(consistency.unread(replace(function(pattern), reads=reads), known))
    assert [fault.partition("welcome ")[2][: len(words)] for fault, words in zip(found, said, strict=True)] == said
