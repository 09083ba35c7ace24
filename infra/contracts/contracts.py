"""Contracts: the JSON Schema 2020-12 of each event type in events/, by major version.

events/<type>/<N>.schema.json describes the data of a CloudEvent; events/<source>/<detail_type>.<N>.schema.json
describes the detail of an AWS event. events/README.md says which changes are allowed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from functions.runtime.patterns import pattern
from infra.contracts.schema_rules import DRAFT, Schema, closed_faults, unchecked_faults
from infra.declarations.naming import EVENT_TYPE
from infra.declarations.spec import FunctionSpec, SpecError
from infra.flow.routing import event_reaches

__all__ = [
    "DRAFT",
    "EVENT_TYPE",
    "Contract",
    "Contracts",
    "aws_name",
    "event_types",
    "every",
    "faults",
    "load",
    "needed",
    "newest",
    "of_event",
    "parse",
    "version_of",
]

DOMAIN_FILE: Final = re.compile(rf"events/(?P<name>(?!aws\.){EVENT_TYPE.pattern})/(?P<version>[1-9]\d*)\.schema\.json")
AWS_FILE: Final = re.compile(r"events/(?P<name>aws\.[a-z0-9_.-]+/[a-z0-9_-]+)\.(?P<version>[1-9]\d*)\.schema\.json")
NOT_IN_FILE_NAMES: Final = re.compile(r"[^a-z0-9_-]")

type Contracts = Mapping[str, Mapping[int, "Contract"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One major version of a contract; `name` is the event type, or `aws.s3/object_created` for an AWS event."""

    name: str
    version: int
    file: str
    schema: Schema

    @property
    def ours(self) -> bool:
        """Whether it describes a domain event, which functions validate; they do not validate AWS events."""
        return "/" not in self.name

    @property
    def uri(self) -> str:
        """The `dataschema` of its events."""
        return f"herald:{self.name}/{self.version}"

    def reaches(self, spec: FunctionSpec) -> bool:
        """Return whether its events match a function's conditions on source, type and `dataschema`.

        The title of an AWS contract is the detail type.
        """
        if self.ours:
            asked = spec.trigger.pattern.get("detail", {}).get("dataschema")
            named = asked is None or pattern.matches({"dataschema": asked}, {"dataschema": self.uri})
            return named and event_reaches(self.name, None, spec)
        return event_reaches(str(self.schema.get("title")), self.name.partition("/")[0], spec)


def load(root: Path) -> Contracts:
    """Return the contracts under `root` by name and version; raise SpecError for the first fault."""
    paths = sorted((root / "events").rglob("*.schema.json"))
    contracts = parse({path.relative_to(root).as_posix(): _text(path) for path in paths})
    for contract in every(contracts):
        for fault in faults(contract):
            raise SpecError(f"{contract.file}: {fault}")
    return contracts


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(f"events/{path.parent.name}/{path.name} is not UTF-8 text: {error}") from error
    except OSError as error:
        raise SpecError(f"events/{path.parent.name}/{path.name} cannot be read: {error.strerror}") from error


def parse(files: Mapping[str, str]) -> Contracts:
    """Return the contracts in texts by file name; SpecError names the file with a wrong name or without an object."""
    contracts: dict[str, dict[int, Contract]] = {}
    for file, text in files.items():
        match = DOMAIN_FILE.fullmatch(file) or AWS_FILE.fullmatch(file)
        if not match:
            raise SpecError(
                f"{file}: name a contract events/<type>/<N>.schema.json, "
                "or events/<source>/<detail_type>.<N>.schema.json for an AWS event"
            )
        try:
            schema = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SpecError(f"{file} is not JSON: {error}") from error
        if not isinstance(schema, dict):
            raise SpecError(f"{file} is not a contract: it must be a JSON object")
        version = int(match["version"])
        contract = Contract(name=match["name"], version=version, file=file, schema=schema)
        contracts.setdefault(contract.name, {})[version] = contract
    return contracts


def every(contracts: Contracts) -> Iterator[Contract]:
    """Yield all versions of all contracts."""
    for versions in contracts.values():
        yield from versions.values()


def event_types(contracts: Contracts) -> set[str]:
    """Return the types of the domain events."""
    return {contract.name for contract in every(contracts) if contract.ours}


def newest(contracts: Contracts, name: str) -> Contract | None:
    """Return the newest version of a contract, which functions emit; None if there is no such contract."""
    versions = contracts.get(name)
    return versions[max(versions)] if versions else None


def of_event(contracts: Contracts, event: Mapping[str, Any]) -> Contract | None:
    """Return the contract of an EventBridge event: for a CloudEvent, the version that its `dataschema` names."""
    source, detail_type, detail = (event.get(name) for name in ("source", "detail-type", "detail"))
    if not isinstance(detail, dict):
        return None
    if "specversion" not in detail:
        return newest(contracts, aws_name(str(source), str(detail_type)))
    return contracts.get(str(detail_type), {}).get(version_of(event))


def version_of(event: Mapping[str, Any]) -> int:
    """Return the version in the `dataschema` of a CloudEvent: 1 without one, 0 if it is not a number."""
    version = str(event["detail"].get("dataschema", "1")).rpartition("/")[2]
    return int(version) if version.isdecimal() else 0


def aws_name(source: str, detail_type: str) -> str:
    """Return the contract name of an AWS event; `_` replaces each character that is not allowed in file names."""
    return f"{source}/{NOT_IN_FILE_NAMES.sub('_', detail_type.lower())}"


def needed(contracts: Contracts, spec: FunctionSpec) -> list[Contract]:
    """Return the contracts that a function validates: all versions of the domain events that it consumes or emits."""
    ours = (contract for contract in every(contracts) if contract.ours)
    return [contract for contract in ours if contract.name in spec.access.emit or contract.reaches(spec)]


def faults(contract: Contract) -> Iterator[str]:
    """Yield why a contract is invalid: it forbids unknown fields, or has rules that functions do not check."""
    yield from closed_faults(contract.schema)
    if contract.ours:
        yield from unchecked_faults(contract.schema)
