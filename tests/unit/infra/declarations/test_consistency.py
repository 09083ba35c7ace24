"""Where code, declarations, samples and contracts disagree, and in which words that is said."""

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
    """Declare what the handler above does, but for what is given."""
    declared: dict[str, Any] = {"write": (Resource("bucket", "artifacts", "*"),), "emit": ("customer.welcomed",)}
    trigger = Trigger(samples=("s",), pattern=pattern or {"detail-type": ["customer.created"]})
    return FunctionSpec(name="welcome", description="d", owner="o", trigger=trigger, access=Access(**declared | access))


def faults(root: Path, spec: FunctionSpec, handler: str = HANDLER) -> list[str]:
    """Return what is said of a handler and its declaration."""
    folder = root / "functions" / spec.name
    folder.mkdir(parents=True)
    (folder / "handler.py").write_text(handler, encoding="utf-8")
    (folder / "logic.py").write_text(LOGIC, encoding="utf-8")
    return list(consistency.code_faults(root, spec))


def test_code_that_does_what_is_declared_is_fine(tmp_path: Path) -> None:
    """Constants are followed through the folder, and only what is done through the run counts."""
    assert faults(tmp_path, function()) == []


@pytest.mark.parametrize(
    ("access", "fault"),
    [
        (
            {"emit": ()},
            "functions/welcome/handler.py:7: run.emit('customer.welcomed'), but access.emit does not name it",
        ),
        (
            {"write": (Resource("table", "artifacts"),)},
            "functions/welcome/handler.py:6: run.create('artifacts'), but access.write does not name it",
        ),
        (
            {"write": (Resource("bucket", "outputs", "*"), Resource("bucket", "artifacts", "*"))},
            "functions/welcome/function.toml: access.write names 'outputs', but nothing in the code does",
        ),
        (
            {"publish": (Resource("topic", "notices"),)},
            "functions/welcome/function.toml: access.publish names 'notices', but nothing in the code does",
        ),
    ],
)
def test_code_and_declaration_that_differ_are_told(tmp_path: Path, access: dict[str, Any], fault: str) -> None:
    """In either direction, with the line of the code or the key of the declaration."""
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
def test_types_are_read_from_the_text_alone(tmp_path: Path, argument: str, said: list[str]) -> None:
    """What only the run can know is no disagreement."""
    handler = f"def handle(event, run):\n    run.emit({argument})\n"
    found = faults(tmp_path, function(write=()), handler)
    assert [fault.split("'")[1] for fault in found if "run.emit('" in fault] == said


def test_an_emit_that_only_the_run_knows_may_be_any_that_is_declared(tmp_path: Path) -> None:
    """It cannot be said of a declared type that no code emits it."""
    handler = "def handle(event, run):\n    run.emit(event.data['type'], {}, subject='s')\n"
    assert faults(tmp_path, function(write=()), handler) == []


@pytest.mark.parametrize(
    ("wakes", "code", "said"),
    [
        (True, "run.wake(after=QUIET)", []),
        (False, "run.log.info('no')", []),
        (False, "run.wake(after=QUIET)", ["handler.py:2: run.wake, but [delivery] does not say wakes = true"]),
        (True, "run.log", ["function.toml: delivery.wakes is true, but nothing in the code calls run.wake"]),
    ],
)
def test_a_function_that_wakes_says_so(tmp_path: Path, wakes: bool, code: str, said: list[str]) -> None:  # noqa: FBT001 - a table
    """The role may send to the function's own queue only where runs ask for wakes."""
    spec = replace(function(write=(), emit=()), delivery=DeliverySpec(order="newest", wakes=wakes))
    assert faults(tmp_path, spec, f"def handle(event, run):\n    {code}\n") == [f"functions/welcome/{s}" for s in said]


def test_a_consumed_type_needs_a_contract() -> None:
    """One of ours, named by a pattern; what a pattern only hints at, and what AWS sends, cannot be asked for."""
    known = contracts.parse({"events/a.b/1.schema.json": "{}"})
    pattern = {"detail-type": ["a.b", "c.d", {"prefix": "e."}, "Object Created"]}
    assert list(consistency.unpromised(function(pattern), known)) == ["c.d"]
    assert list(consistency.unpromised(function({"source": ["aws.s3"], "detail-type": ["c.d"]}), known)) == []


def test_samples_are_found_and_the_invalid_apart(tmp_path: Path) -> None:
    """By the name that a trigger gives them; contracts are none."""
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
        ({"detail-type": "a.c", "detail": {"specversion": "1.0", "data": {}}}, ["there is no contract of a.c"]),
        ({}, ["there is no contract of None"]),
    ],
)
def test_a_sample_that_breaks_its_contract_is_told(event: dict[str, Any], faults_: list[str]) -> None:
    """With the field, in the words of the reference implementation."""
    schema = {"properties": {"n": {"type": "integer"}}}
    known = contracts.parse({"events/a.b/1.schema.json": json.dumps(schema)})
    assert list(consistency.sample_faults(known, event)) == faults_


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ('{"description": "d", "type": "text"}', "$.type: 'text' is not valid under any of the given schemas"),
        ("{}", "description is missing: say in words what happened"),
    ],
)
def test_a_contract_that_is_no_schema_is_told(schema: str, fault: str) -> None:
    """By the meta-schema of 2020-12; and words for people are part of it."""
    (contract,) = contracts.every(contracts.parse({"events/a.b/1.schema.json": schema}))
    assert list(consistency.schema_faults(contract)) == [fault]


@pytest.mark.parametrize(
    ("pattern", "reads", "said"),
    [
        ({"detail-type": ["a.b"]}, {}, ["has no sample of a.b, and may not read 1, 2:"]),
        ({"detail-type": ["a.b"]}, {"a.b": (1,)}, ["reads 1 only of a.b, and would reject 2:"]),
        ({"detail-type": [{"prefix": "a."}]}, {"a.b": (2,)}, ["reads 2 only of a.b, and would reject 1:"]),
        ({"detail-type": [{"prefix": "a."}]}, {}, []),
        ({"detail-type": ["a.b"]}, {"a.b": (1, 2)}, []),
        ({"detail-type": ["c.d"]}, {}, []),
        ({"source": ["aws.s3"], "detail-type": ["a.b"]}, {}, []),
    ],
)
def test_a_consumer_reads_the_versions_of_its_samples(
    pattern: dict[str, Any], reads: dict[str, tuple[int, ...]], said: list[str]
) -> None:
    """Of a type that neither its pattern names nor a sample shows, nothing is said; nor of one with one version."""
    known = contracts.parse({f"events/{name}.schema.json": "{}" for name in ("a.b/1", "a.b/2", "c.d/1")})
    found = list(consistency.unread(replace(function(pattern), reads=reads), known))
    assert [fault.partition("welcome ")[2][: len(words)] for fault, words in zip(found, said, strict=True)] == said
