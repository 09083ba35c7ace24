"""The samples, contract, pattern, code and handler of every function agree, including each new function."""

import importlib
import json
from http import HTTPStatus
from typing import Final

import pytest

from functions.runtime.envelopes.envelope import parse
from functions.runtime.patterns import pattern
from functions.runtime.run import contracts as held
from functions.runtime.web import Request
from herald.check.check import refused
from infra.contracts import contracts
from infra.contracts.contracts import Contract
from infra.declarations import consistency, loader, topic
from infra.declarations.spec import FunctionSpec
from tests.doubles import NAMES, RecordingRun, RecordingWebContext, answer_request, run_handler
from tests.webhooks import KEYS

EVENTS: Final = loader.ROOT / "events"
ALL: Final = loader.load()
SPECS: Final = [spec for spec in ALL if spec.queued]
CONTRACTS: Final = contracts.load(loader.ROOT)
TRIGGERS: Final = [
    pytest.param(spec, name, id=f"{spec.name}-{name}") for spec in SPECS for name in spec.trigger.samples
]
REQUESTS: Final = [
    pytest.param(spec, name, id=f"{spec.name}-{name}")
    for spec in ALL
    if not spec.queued
    for name in spec.trigger.samples
]


def handled(spec: FunctionSpec, name: str) -> RecordingRun:
    """Return the run of a sample. The object of an S3 sample is the file <sample>.object beside it."""
    content = EVENTS / f"{name}.object"
    run = RecordingRun(content.read_bytes() if content.exists() else None)
    event = parse(json.dumps(loader.resolve(loader.sample(name), NAMES)))
    run_handler(importlib.import_module(f"functions.{spec.name}.handler").handle, event, run)
    return run


@pytest.mark.parametrize("contract", list(contracts.every(CONTRACTS)), ids=lambda contract: contract.file)
def test_a_contract_is_a_schema(contract: Contract) -> None:
    """It is JSON Schema 2020-12 and has a description."""
    assert list(consistency.schema_faults(contract)) == []


@pytest.mark.parametrize("contract", list(contracts.every(CONTRACTS)), ids=lambda contract: contract.file)
def test_no_contract_minds_a_field_it_does_not_know(contract: Contract) -> None:
    """An added field never breaks a reader, and every rule of a contract is checked at run time."""
    assert list(contracts.faults(contract)) == []


@pytest.mark.parametrize("name", list(consistency.samples(loader.ROOT)))
def test_a_sample_keeps_its_contract_and_is_an_event(name: str) -> None:
    """The runtime accepts each sample in events/, and the sample keeps its contract."""
    event = loader.resolve(loader.sample(name), NAMES)
    assert list(consistency.sample_faults(CONTRACTS, event)) == []
    assert refused(event) is None
    assert parse(json.dumps(event)).type == topic.as_event(event)["detail-type"]


@pytest.mark.parametrize("name", list(consistency.invalid_samples(loader.ROOT)))
def test_an_invalid_sample_is_refused_with_its_reason(name: str) -> None:
    """The runtime gives the reason in the sample, and the reference implementation of JSON Schema refuses it too."""
    sample = loader.sample(name)
    assert sample["reason"] in str(refused(sample["event"]))
    assert list(consistency.sample_faults(CONTRACTS, sample["event"]))


def test_every_contract_of_ours_has_a_sample_that_must_fail() -> None:
    """Each contract of Herald refuses at least one sample."""
    ours = {contract.name for contract in contracts.every(CONTRACTS) if contract.ours}
    assert ours - {name.partition("/")[0] for name in consistency.invalid_samples(loader.ROOT)} == set()


def test_every_version_of_a_contract_of_ours_has_a_sample() -> None:
    """The sample documents the version, and functions that list it in [trigger] are tested with it."""
    assert list(consistency.unsampled(loader.ROOT, CONTRACTS)) == []


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_code_and_declaration_agree(spec: FunctionSpec) -> None:
    """The code emits, writes and publishes exactly what is declared, and the consumed types have contracts."""
    assert list(consistency.code_faults(loader.ROOT, spec)) == []
    assert list(consistency.types_without_contract(spec, CONTRACTS)) == []
    assert list(consistency.unread(spec, CONTRACTS)) == []


@pytest.mark.parametrize(("spec", "name"), TRIGGERS)
def test_a_trigger_sample_matches_its_pattern(spec: FunctionSpec, name: str) -> None:
    """With resolved names, the sample matches the pattern; for a topic, the sample's device is the matched one."""
    if spec.trigger.iot:
        sample = loader.sample(name)
        assert topic.device_of(spec.trigger.iot.topic, sample["topic"]) == sample["device"]
        return
    wanted = loader.resolve(dict(spec.trigger.pattern), NAMES)
    assert pattern.mismatch(wanted, loader.resolve(loader.sample(name), NAMES)) is None


@pytest.mark.parametrize(("spec", "name"), TRIGGERS)
def test_a_handler_handles_its_sample_within_its_declaration(spec: FunctionSpec, name: str) -> None:
    """It writes only where it may, emits only declared types, and the data keeps the contract of its type."""
    run = handled(spec, name)
    for bucket, key in run.written:
        assert any(_covers(grant.path, key) for grant in spec.access.write if grant.id == f"bucket.{bucket}")
    for topic_name, _title, _text in run.published:
        assert f"topic.{topic_name}" in {grant.id for grant in spec.access.publish}
    for event_type, data, _subject in run.emitted:
        assert event_type in spec.access.emit
        assert held.check_emitted(event_type, json.loads(json.dumps(data)))


@pytest.mark.parametrize(("spec", "name"), REQUESTS)
def test_a_handler_accepts_its_sample_within_its_declaration(spec: FunctionSpec, name: str) -> None:
    """The signed request is accepted; the event is declared and keeps its contract."""
    handle = importlib.import_module(f"functions.{spec.name}.handler").handle
    event = loader.sample(name)
    body = event["body"].encode()
    received_at = event["requestContext"]["timeEpoch"] / 1_000
    # A function of `herald new` reads the keys under its first name, which a rename keeps.
    keys = KEYS | dict.fromkeys((spec.name, *spec.formerly), KEYS["generic"])
    web = RecordingWebContext(dict.fromkeys(spec.secrets, keys), spec.access.emit)
    request = Request(name=event["rawPath"][1:], headers=event["headers"], body=body, received_at=received_at)
    assert answer_request(handle, request, web).status == HTTPStatus.ACCEPTED
    ((event_type, data, _subject),) = web.emitted
    assert spec.trigger.http
    assert event_type in spec.trigger.http.senders[web.sender].types
    assert held.check_emitted(event_type, data)


def test_handlers_do_something_on_their_samples() -> None:
    """Each handler writes, emits, publishes or at least logs. Otherwise an empty handler would pass."""
    runs = [handled(spec, name) for spec in SPECS for name in spec.trigger.samples]
    assert all(run.written or run.emitted or run.published or run.log.lines for run in runs)


def _covers(path: str, key: str) -> bool:
    return key.startswith(path.removesuffix("*")) if path.endswith("*") else key == path
