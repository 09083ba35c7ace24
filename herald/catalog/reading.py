"""Reads events/: the contracts and samples of every event type."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from infra import catalog
from infra.flow import EventType
from infra.spec import SpecError

SCHEMA: Final = ".schema.json"


def event_types(root: Path) -> Iterator[EventType]:
    """Yield the event types under `root`; SpecError names the file that is no JSON object.

    A folder is a domain event type, with `<version>.schema.json` beside its samples; or it is a source of AWS, and its
    files begin with the folded detail-type: `aws.s3/object_created.1.schema.json`, `aws.s3/object_created.report.json`.
    The requests in http/ are no events.
    """
    for folder in sorted(path for path in (root / "events").iterdir() if path.is_dir() and path.name != "http"):
        files = sorted(folder.glob("*.json"))
        if not folder.name.startswith("aws."):
            yield EventType(type=folder.name, contracts=_contracts(files), samples=_samples(root, files))
            continue
        for stem in sorted({file.name.partition(".")[0] for file in files}):
            mine = [file for file in files if file.name.partition(".")[0] == stem]
            contracts, samples = _contracts(mine), _samples(root, mine)
            named = [sample.get("detail-type") for sample in samples.values()]
            named += [contract.get("title") for contract in contracts.values()]
            name = next((str(each) for each in named if each), stem)
            yield EventType(type=name, source=folder.name, contracts=contracts, samples=samples)


def _contracts(files: Sequence[Path]) -> dict[int, Any]:
    """Return the contracts among the files, by their major version."""
    return {
        int(file.name.removesuffix(SCHEMA).rpartition(".")[2]): _contract(file)
        for file in files
        if file.name.endswith(SCHEMA)
    }


def _contract(file: Path) -> Any:  # noqa: ANN401 - JSON
    where = f"events/{file.parent.name}/{file.name}"
    try:
        contract = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        message = f"{where} is not JSON: {error}"
        raise SpecError(message) from error
    if not isinstance(contract, dict):
        message = f"{where} is not a contract: it must be a JSON object"
        raise SpecError(message)
    return contract


def _samples(root: Path, files: Sequence[Path]) -> dict[str, Any]:
    """Return the samples among the files, by the names that [trigger] gives them."""
    names = (
        f"{file.parent.name}/{file.name.removesuffix('.json')}" for file in files if not file.name.endswith(SCHEMA)
    )
    return {name: catalog.sample(name, root) for name in names}
