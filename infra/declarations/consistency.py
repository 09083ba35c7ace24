"""Finds where declarations, contracts, samples and code disagree; each message is one sentence."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.contracts import contracts
from infra.contracts.contracts import EVENT_TYPE, Contract, Contracts
from infra.declarations import loader, packages, settings_model, topic
from infra.declarations.code_scan import calls, strays, wakes
from infra.declarations.spec import FunctionSpec


def disagreements(root: Path, specs: Sequence[FunctionSpec], known: Contracts) -> Iterator[str]:
    """Yield the faults that the loader does not find."""
    for contract in contracts.every(known):
        yield from (f"{contract.file}: {fault}" for fault in schema_faults(contract))
    for name in samples(root):
        yield from (f"events/{name}.json: {fault}" for fault in sample_faults(known, loader.sample(name, root)))
    yield from unsampled(root, known)
    for spec in specs:
        yield from unread(spec, known)
        for event_type in types_without_contract(spec, known):
            yield (
                f"functions/{spec.name}/function.toml: trigger.pattern: '{event_type}' has no contract; "
                f"events/{event_type}/1.schema.json does not exist"
            )
        yield from code_faults(root, spec)


def samples(root: Path) -> Iterator[str]:
    """Yield the name of every valid event in events/, as [trigger] names it; http/ contains requests instead."""
    for path in sorted((root / "events").rglob("*.json")):
        if not path.name.endswith(".schema.json") and path.parent.name not in {"invalid", "http"}:
            yield path.relative_to(root / "events").as_posix().removesuffix(".json")


def invalid_samples(root: Path) -> Iterator[str]:
    """Yield the name of every invalid sample: it contains an `event` and the expected `reason` of the refusal."""
    for path in sorted((root / "events").rglob("invalid/*.json")):
        yield path.relative_to(root / "events").as_posix().removesuffix(".json")


def schema_faults(contract: Contract) -> Iterator[str]:
    """Yield why a contract is not a JSON Schema 2020-12 with a description."""
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 - synthesis does not need it

    try:
        Draft202012Validator.check_schema(contract.schema)
    except SchemaError as error:
        yield f"{error.json_path}: {error.message}"
    if not contract.schema.get("description"):
        yield "description is missing: write what happened"


def sample_faults(known: Contracts, event: Mapping[str, Any]) -> Iterator[str]:
    """Yield how an event violates its contract, checked by the library jsonschema."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - synthesis does not need it

    event = topic.as_event(event)
    contract = contracts.of_event(known, event)
    if contract is None:
        yield f"the event type {event.get('detail-type')} has no contract"
        return
    data = event["detail"].get("data") if contract.ours else event["detail"]
    for error in Draft202012Validator(contract.schema).iter_errors(data):
        yield f"{error.json_path.replace('$', 'data', 1)}: {error.message}"


def unsampled(root: Path, known: Contracts) -> Iterator[str]:
    """Yield each version without a sample, for domain contracts with several versions."""
    kept = (contracts.of_event(known, loader.sample(name, root)) for name in samples(root))
    found = {contract.file for contract in kept if contract}
    for contract in contracts.every(known):
        if contract.ours and len(known[contract.name]) > 1 and contract.file not in found:
            yield (
                f"{contract.file}: this version has no sample: write events/{contract.name}/<name>.json, an event with "
                f"the dataschema {contract.uri}"
            )


def unread(spec: FunctionSpec, known: Contracts) -> Iterator[str]:
    """Yield the contract versions that run a function but have no sample in its trigger.samples."""
    named = {each for each in spec.trigger.pattern.get("detail-type", ()) if isinstance(each, str)}
    for event_type in sorted(known.keys() & (named | spec.reads.keys())):
        reads = spec.reads.get(event_type, ())
        current = [each for each in known[event_type].values() if not each.schema.get("deprecated")]
        missing = [each.version for each in current if each.version not in reads and each.reaches(spec)]
        if missing and len(known[event_type]) > 1:
            versions = _versions(missing)
            fault = f"has no sample of {event_type}, so it may not read version {versions}"
            if reads:
                fault = f"reads only version {_versions(reads)} of {event_type}, so it would reject version {versions}"
            yield (
                f"functions/{spec.name}/function.toml: {spec.name} {fault}: extend its handler "
                "(event.contract_version is the version), and add a sample to trigger.samples"
            )


def _versions(versions: Sequence[int]) -> str:
    return ", ".join(map(str, versions))


def types_without_contract(spec: FunctionSpec, known: Contracts) -> Iterator[str]:
    """Yield the domain event types in a pattern that have no contract."""
    if "herald" in spec.buses:
        for wanted in spec.trigger.pattern.get("detail-type", ()):
            if isinstance(wanted, str) and EVENT_TYPE.fullmatch(wanted) and wanted not in known:
                yield wanted


def code_faults(root: Path, spec: FunctionSpec) -> Iterator[str]:
    """Yield where a function's code and declaration differ: effects, settings, wakes, packages and imports."""
    folder = f"functions/{spec.name}"
    if not (root / folder / "handler.py").is_file():
        yield f"{folder}/handler.py is missing: every function needs it"
        return
    yield from packages.faults(root, spec.name)
    yield from strays(root, root / folder)
    yield from _wake_faults(root, spec)
    yield from settings_model.faults(root, spec)
    found = list(calls(root, root / folder))
    declared = {
        "emit": set(spec.access.emit),
        "write": {resource.name for resource in spec.access.write if resource.kind == "bucket"},
        "publish": {resource.name for resource in spec.access.publish},
    }
    for call in found:
        for target in sorted(call.targets - declared[call.key]):
            yield f"{folder}/{call.line}: run.{call.method}('{target}'), but access.{call.key} does not contain it"
    for key, names in declared.items():
        its = [call.targets for call in found if call.key == key]
        if all(its):  # otherwise a call may use the declared name at run time
            for target in sorted(names - frozenset().union(*its)):
                yield f"{folder}/function.toml: access.{key} contains '{target}', but the code does not use it"


def _wake_faults(root: Path, spec: FunctionSpec) -> Iterator[str]:
    folder = f"functions/{spec.name}"
    found = list(wakes(root, root / folder))
    if spec.delivery.wakes and not found:
        yield f"{folder}/function.toml: delivery.wakes is true, but the code does not call run.wake"
    if not spec.delivery.wakes:
        yield from (f"{folder}/{line}: run.wake needs wakes = true in [delivery]" for line in found)
