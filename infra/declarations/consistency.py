"""Whether declarations, contracts, samples and code agree: each way in which they do not, in one sentence."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.contracts import contracts
from infra.contracts.contracts import EVENT_TYPE, Contract, Contracts
from infra.declarations import loader, packages, settings_model, topic
from infra.declarations.code_scan import calls, strays, wakes
from infra.declarations.spec import FunctionSpec


def disagreements(root: Path, specs: Sequence[FunctionSpec], known: Contracts) -> Iterator[str]:
    """Yield what the catalogue, which refuses the rest, lets pass."""
    for contract in contracts.every(known):
        yield from (f"{contract.file}: {fault}" for fault in schema_faults(contract))
    for name in samples(root):
        yield from (f"events/{name}.json: {fault}" for fault in sample_faults(known, loader.sample(name, root)))
    yield from unsampled(root, known)
    for spec in specs:
        yield from unread(spec, known)
        for event_type in unpromised(spec, known):
            yield (
                f"functions/{spec.name}/function.toml: trigger.pattern takes '{event_type}', which has no contract: "
                f"there is no events/{event_type}/1.schema.json"
            )
        yield from code_faults(root, spec)


def samples(root: Path) -> Iterator[str]:
    """Yield the name of every event in events/ that must pass, as [trigger] would give it; in http/ are requests."""
    for path in sorted((root / "events").rglob("*.json")):
        if not path.name.endswith(".schema.json") and path.parent.name not in {"invalid", "http"}:
            yield path.relative_to(root / "events").as_posix().removesuffix(".json")


def invalid_samples(root: Path) -> Iterator[str]:
    """Yield the name of every sample that must be refused: an `event`, and the `reason` that must be given."""
    for path in sorted((root / "events").rglob("invalid/*.json")):
        yield path.relative_to(root / "events").as_posix().removesuffix(".json")


def schema_faults(contract: Contract) -> Iterator[str]:
    """Yield why a contract is no JSON Schema 2020-12 that says in words what happened."""
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 - synthesis need not wait for it

    try:
        Draft202012Validator.check_schema(contract.schema)
    except SchemaError as error:
        yield f"{error.json_path}: {error.message}"
    if not contract.schema.get("description"):
        yield "description is missing: say in words what happened"


def sample_faults(known: Contracts, event: Mapping[str, Any]) -> Iterator[str]:
    """Yield how an event breaks its contract, by the reference implementation of JSON Schema."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - as above

    event = topic.as_event(event)
    contract = contracts.of_event(known, event)
    if contract is None:
        yield f"there is no contract of {event.get('detail-type')}"
        return
    data = event["detail"].get("data") if contract.ours else event["detail"]
    for error in Draft202012Validator(contract.schema).iter_errors(data):
        yield f"{error.json_path.replace('$', 'data', 1)}: {error.message}"


def unsampled(root: Path, known: Contracts) -> Iterator[str]:
    """Yield the versions that no sample keeps, of contracts of ours with several: nothing shows that they are read."""
    kept = (contracts.of_event(known, loader.sample(name, root)) for name in samples(root))
    found = {contract.file for contract in kept if contract}
    for contract in contracts.every(known):
        if contract.ours and len(known[contract.name]) > 1 and contract.file not in found:
            yield (
                f"{contract.file}: it has no sample: write events/{contract.name}/<name>.json, an event whose "
                f"dataschema is {contract.uri}"
            )


def unread(spec: FunctionSpec, known: Contracts) -> Iterator[str]:
    """Yield the versions of contracts that run a function and that none of its samples keeps; it reads no others."""
    named = {each for each in spec.trigger.pattern.get("detail-type", ()) if isinstance(each, str)}
    for event_type in sorted(known.keys() & (named | spec.reads.keys())):
        reads = spec.reads.get(event_type, ())
        current = [each for each in known[event_type].values() if not each.schema.get("deprecated")]
        missing = [each.version for each in current if each.version not in reads and each.reaches(spec)]
        if missing and len(known[event_type]) > 1:
            versions = _versions(missing)
            fault = f"has no sample of {event_type}, and may not read {versions}"
            if reads:
                fault = f"reads {_versions(reads)} only of {event_type}, and would reject {versions}"
            yield (
                f"functions/{spec.name}/function.toml: {spec.name} {fault}: when its handler reads that too "
                "(event.contract_version tells them apart), add a sample of it to trigger.samples"
            )


def _versions(versions: Sequence[int]) -> str:
    return ", ".join(map(str, versions))


def unpromised(spec: FunctionSpec, known: Contracts) -> Iterator[str]:
    """Yield the types of ours that a pattern names and no contract describes."""
    if "herald" in spec.buses:
        for wanted in spec.trigger.pattern.get("detail-type", ()):
            if isinstance(wanted, str) and EVENT_TYPE.fullmatch(wanted) and wanted not in known:
                yield wanted


def code_faults(root: Path, spec: FunctionSpec) -> Iterator[str]:
    """Yield what the code does and the declaration does not name, and what it names and the code never does.

    And what it imports that is not there, as after a rename: a worker would fail before it has a run. And settings
    that are not those it reads.
    """
    folder = f"functions/{spec.name}"
    if not (root / folder / "handler.py").is_file():
        yield f"{folder}/handler.py: there is no such file, and in it no handler"
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
            yield f"{folder}/{call.line}: run.{call.method}('{target}'), but access.{call.key} does not name it"
    for key, names in declared.items():
        its = [call.targets for call in found if call.key == key]
        if all(its):  # else what is declared may be what only the run knows
            for target in sorted(names - frozenset().union(*its)):
                yield f"{folder}/function.toml: access.{key} names '{target}', but nothing in the code does"


def _wake_faults(root: Path, spec: FunctionSpec) -> Iterator[str]:
    folder = f"functions/{spec.name}"
    found = list(wakes(root, root / folder))
    if spec.delivery.wakes and not found:
        yield f"{folder}/function.toml: delivery.wakes is true, but nothing in the code calls run.wake"
    if not spec.delivery.wakes:
        yield from (f"{folder}/{line}: run.wake, but [delivery] does not say wakes = true" for line in found)
