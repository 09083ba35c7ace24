"""Reads events/: the contracts and samples of every event type."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from infra.contracts import contracts
from infra.contracts.contracts import Contract
from infra.declarations import loader
from infra.declarations.naming import is_aws
from infra.flow.graph import EventType

SCHEMA: Final = ".schema.json"


def event_types(root: Path) -> Iterator[EventType]:
    """Yield the event types under `root`; SpecError names an invalid file.

    A folder is a domain event type with `<version>.schema.json` and samples, or a source of AWS. There, file names
    begin with the detail-type: `aws.s3/object_created.1.schema.json`, `aws.s3/object_created.report.json`. The folder
    http/ contains requests and is skipped.
    """
    known = contracts.load(root)
    for folder in sorted(path for path in (root / "events").iterdir() if path.is_dir() and path.name != "http"):
        files = sorted(folder.glob("*.json"))
        if not is_aws(folder.name):
            yield EventType(
                type=folder.name, contracts=_schemas(known.get(folder.name, {})), samples=_samples(root, files)
            )
            continue
        for stem in sorted({file.name.partition(".")[0] for file in files}):
            schemas = _schemas(known.get(f"{folder.name}/{stem}", {}))
            samples = _samples(root, [file for file in files if file.name.partition(".")[0] == stem])
            named = [sample.get("detail-type") for sample in samples.values()]
            named += [schema.get("title") for schema in schemas.values()]
            name = next((str(each) for each in named if each), stem)
            yield EventType(type=name, source=folder.name, contracts=schemas, samples=samples)


def _schemas(versions: Mapping[int, Contract]) -> dict[int, Any]:
    return {version: contract.schema for version, contract in versions.items()}


def _samples(root: Path, files: Sequence[Path]) -> dict[str, Any]:
    """Return the samples among the files, by their names in [trigger]."""
    names = (
        f"{file.parent.name}/{file.name.removesuffix('.json')}" for file in files if not file.name.endswith(SCHEMA)
    )
    return {name: loader.sample(name, root) for name in names}
