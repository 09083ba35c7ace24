"""Sample, schema, pattern and handler agree, for every function there is; a new folder is covered as it appears."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from functions.runtime.envelope import parse
from infra import catalog, pattern
from infra.spec import FunctionSpec
from tests.doubles import RecordingRun

EVENTS: Final = catalog.ROOT / "events"
SPECS: Final = catalog.load()
TRIGGERS: Final = [
    pytest.param(spec, name, id=f"{spec.name}-{name}") for spec in SPECS for name in spec.trigger.samples
]
NAMES: Final = {"bucket.outputs": "outputs", "bucket.artifacts": "artifacts", "topic.notices": "arn:notices"}


def samples() -> Iterator[str]:
    """Yield the name of every sample in events/."""
    for path in sorted(EVENTS.rglob("*.json")):
        if not path.name.endswith(".schema.json"):
            yield path.relative_to(EVENTS).as_posix().removesuffix(".json")


def contract_of(event: dict[str, Any]) -> Path:
    """Return the contract of an event: by its type for a CloudEvent, by source and detail-type for one of AWS."""
    source, detail_type = str(event["source"]), str(event["detail-type"])
    if "specversion" in event["detail"]:
        return EVENTS / detail_type / "1.schema.json"
    return EVENTS / source / f"{detail_type.lower().replace(' ', '_')}.1.schema.json"


def validate(data: Any, contract: Path) -> None:  # noqa: ANN401 - JSON
    """Hold data against a contract; ValidationError names the field."""
    schema = json.loads(contract.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(data)


@pytest.mark.parametrize("contract", sorted(EVENTS.rglob("*.schema.json")), ids=lambda path: path.parent.name)
def test_a_contract_is_a_schema(contract: Path) -> None:
    """It is JSON Schema 2020-12, and says in words what happened."""
    schema = json.loads(contract.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["description"]


@pytest.mark.parametrize("name", list(samples()))
def test_a_sample_keeps_its_contract_and_is_an_event(name: str) -> None:
    """What stands in events/ is what the runtime would take and the contract promises."""
    event = catalog.sample(name)
    data = event["detail"]["data"] if "specversion" in event["detail"] else event["detail"]
    validate(data, contract_of(event))
    assert parse(json.dumps(catalog.resolve(event, NAMES))).type == event["detail-type"]


@pytest.mark.parametrize(("spec", "name"), TRIGGERS)
def test_a_trigger_sample_matches_its_pattern(spec: FunctionSpec, name: str) -> None:
    """With real names in both, the sample runs the function."""
    wanted = catalog.resolve(dict(spec.trigger.pattern), NAMES)
    assert pattern.mismatch(wanted, catalog.resolve(catalog.sample(name), NAMES)) is None


@pytest.mark.parametrize(("spec", "name"), TRIGGERS)
def test_a_handler_handles_its_sample_within_its_declaration(spec: FunctionSpec, name: str) -> None:
    """It writes where it may, emits what it declares, and what it emits keeps the contract of its type.

    The content of an S3 sample's object lies beside it, as <sample>.object.
    """
    handler = importlib.import_module(f"functions.{spec.name}.handler").handle.__wrapped__
    content = EVENTS / f"{name}.object"
    event = parse(json.dumps(catalog.resolve(catalog.sample(name), NAMES)))
    run = RecordingRun(content.read_bytes() if content.exists() else None)
    handler(event, run)
    for bucket, key in run.written:
        assert any(_covers(grant.path, key) for grant in spec.access.write if grant.id == f"bucket.{bucket}")
    for topic, _title, _text in run.published:
        assert f"topic.{topic}" in {grant.id for grant in spec.access.publish}
    for event_type, data in run.emitted:
        assert event_type in spec.access.emit
        validate(json.loads(json.dumps(data)), EVENTS / event_type / "1.schema.json")


def test_handlers_do_something_on_their_samples() -> None:
    """The test above would pass on handlers that do nothing: together they write, emit and publish."""
    runs = []
    for spec in SPECS:
        for name in spec.trigger.samples:
            content = EVENTS / f"{name}.object"
            run = RecordingRun(content.read_bytes() if content.exists() else None)
            event = parse(json.dumps(catalog.resolve(catalog.sample(name), NAMES)))
            importlib.import_module(f"functions.{spec.name}.handler").handle.__wrapped__(event, run)
            runs.append(run)
    assert all(run.written or run.emitted or run.published for run in runs)


def _covers(path: str, key: str) -> bool:
    return key.startswith(path.removesuffix("*")) if path.endswith("*") else key == path
