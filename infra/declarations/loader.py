"""Loads functions/*/function.toml as FunctionSpecs; each error names the file, the key and the fault."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from functions.runtime.patterns.pattern import PatternError
from infra.contracts import contracts
from infra.contracts.contracts import Contracts
from infra.declarations import files, naming, resources, validation
from infra.declarations.checks import (
    declared_trigger,
    delivery_objectives,
    former_names,
    function_settings,
    grants,
    request_senders,
)
from infra.declarations.resource_names import resolve
from infra.declarations.spec import FunctionSpec, SpecError
from infra.flow import loop_check

__all__ = ["NOT_FUNCTIONS", "ROOT", "load", "resolve", "sample"]

ROOT: Final = Path(__file__).parents[2]
NOT_FUNCTIONS: Final = frozenset({"runtime", "__pycache__"})

type Samples = Mapping[str, Mapping[str, Any]]


def load(root: Path = ROOT) -> tuple[FunctionSpec, ...]:
    """Return the specs of all functions under `root`, by name; raise SpecError for the first fault."""
    resources.load()  # first, so that no function is blamed for a fault in infra/resources.toml
    folders = sorted(path for path in (root / "functions").iterdir() if path.is_dir() and not files.is_left(path))
    known = contracts.load(root)
    specs = tuple(_function(root, folder, known) for folder in folders if folder.name not in NOT_FUNCTIONS)
    former_names.check(specs, {folder.name for folder in folders})
    loop_check.refuse(specs)
    return specs


def faults(root: Path = ROOT) -> Iterator[str]:
    """Yield the first fault of each invalid function.toml; raise SpecError for one in another file that all read."""
    resources.load()
    known = contracts.load(root)
    for folder in sorted(path for path in (root / "functions").iterdir() if path.is_dir() and not files.is_left(path)):
        if folder.name not in NOT_FUNCTIONS:
            try:
                _function(root, folder, known)
            except SpecError as error:
                yield str(error)


def sample(name: str, root: Path = ROOT) -> dict[str, Any]:
    """Return a sample event by the name that [trigger] gives it, such as `aws.s3/object_created.report`."""
    return files.json_object(root / "events" / f"{name}.json", f"events/{name}.json")


def _function(root: Path, folder: Path, known: Contracts) -> FunctionSpec:
    file = f"functions/{folder.name}/function.toml"
    try:
        naming.check(folder.name)
        table = tomllib.loads((folder / "function.toml").read_text(encoding="utf-8"))
        spec = validation.read(FunctionSpec, table, name=folder.name)
        samples = {name: sample(name, root) for name in spec.trigger.samples}
        spec = replace(spec, reads=_versions_read(spec, samples, known))
        _check(spec, table, samples, known)
    except files.FileError:
        raise
    except FileNotFoundError as error:
        raise SpecError(f"{file} does not exist; every folder in functions/ except runtime/ is a function") from error
    except (SpecError, PatternError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise SpecError(f"{file}: {error}") from error
    return spec


def _check(spec: FunctionSpec, table: Mapping[str, Any], samples: Samples, known: Contracts) -> None:
    """Raise SpecError for the first fault that more than one key, or another file, decides."""
    _check_delivery(spec, table)
    delivery_objectives.check(spec)
    declared_trigger.check(spec, samples)
    grants.check(spec, known)
    request_senders.check(spec)
    function_settings.check(spec)


def _check_delivery(spec: FunctionSpec, table: Mapping[str, Any]) -> None:
    if not spec.queued and "delivery" in table:
        raise SpecError("delivery: a function with [trigger.http] has no queue, so [delivery] does not apply")
    if spec.delivery.wakes and spec.delivery.order != "newest":
        raise SpecError(
            'delivery.wakes needs order = "newest" in [delivery]: a newer event of the subject cancels a wake'
        )


def _versions_read(spec: FunctionSpec, samples: Samples, known: Contracts) -> dict[str, tuple[int, ...]]:
    """Return the versions of each contract of the functions' own events that a function's samples name."""
    found: dict[str, set[int]] = {}
    for event in samples.values() if spec.trigger.pattern else ():
        event_type = str(event.get("detail-type"))
        if event_type in known and isinstance(event.get("detail"), dict):
            found.setdefault(event_type, set()).add(contracts.version_of(event))
    return {event_type: tuple(sorted(versions)) for event_type, versions in found.items()}
