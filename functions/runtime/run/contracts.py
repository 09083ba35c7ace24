"""Contracts at run time: the JSON Schema of a type's data, by major version, held against what comes in and goes out.

An asset carries the contracts of what its function consumes and emits, at the place they have in the repository.
fastjsonschema makes a function of each; infra/contracts/contracts.py refuses what it does not know of JSON Schema
2020-12.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from functions.runtime.core.errors import ContractError
from functions.runtime.core.event import Event
from functions.runtime.core.settings import settings

if TYPE_CHECKING:
    from fastjsonschema import JsonSchemaValueException

EVENTS: Final = Path(__file__).parents[3] / "events"
SUFFIX: Final = ".schema.json"


def accept(event: Event, *, strict: bool = False) -> None:
    """Raise ContractError unless an event keeps the contract it names; one of a type without a contract passes.

    A reader never minds a field that the contract does not know. `strict` holds the event as its producer is held.
    """
    known = _files(EVENTS).get(event.type, {})
    if known and event.contract_version not in known:
        versions = ", ".join(map(str, sorted(known)))
        raise ContractError(f"{event.type}/{event.contract_version} is unknown here: there are the versions {versions}")
    if known:
        _hold(known[event.contract_version], event.data, strict=strict)


def accept_in_worker(event: Event) -> None:
    """Raise ContractError unless an event keeps a version of its contract that the function reads."""
    reads = settings().reads.get(event.type, set())
    if reads and event.contract_version not in reads:
        versions = ", ".join(map(str, sorted(reads)))
        raise ContractError(f"{event.type}/{event.contract_version}: {settings().function} reads {versions} only")
    accept(event)


def check_emitted(event_type: str, data: Mapping[str, Any]) -> str | None:
    """Return the URI of the newest contract of a type, None where it has none; ContractError when the data breaks it.

    Who produces is held strictly: a field that the contract does not know is one that it may need later.
    """
    known = _files(EVENTS).get(event_type)
    if not known:
        return None
    newest = max(known)
    _hold(known[newest], dict(data), strict=True)
    return f"herald:{event_type}/{newest}"


def _hold(contract: Path, data: Mapping[str, Any], *, strict: bool) -> None:
    from fastjsonschema import JsonSchemaValueException  # noqa: PLC0415 - for functions with contracts alone

    try:
        _validator(contract, strict=strict)(data)
    except JsonSchemaValueException as broken:
        raise ContractError(
            f"{contract.parent.name}/{contract.name.removesuffix(SUFFIX)}: {_describe(broken)}"
        ) from None  # the cause would carry the data wherever it is shown


@cache
def _files(folder: Path) -> dict[str, dict[int, Path]]:
    """Find the contracts there are, once a worker: no path is ever made of a type that an event brings."""
    found: dict[str, dict[int, Path]] = {}
    for path in folder.glob(f"*/*{SUFFIX}"):
        version = path.name.removesuffix(SUFFIX)
        if version.isdecimal():  # those of AWS's own events have longer names, and are for people and tests
            found.setdefault(path.parent.name, {})[int(version)] = path
    return found


@cache
def _validator(contract: Path, *, strict: bool) -> Callable[[Mapping[str, Any]], object]:
    """Compile a contract, once a worker: it takes milliseconds, a validation microseconds."""
    import fastjsonschema  # noqa: PLC0415 - as above

    schema = json.loads(contract.read_bytes())
    # A default is a note to readers, no value to put in; a format is one too, as JSON Schema 2020-12 has it.
    return fastjsonschema.compile(_closed(schema) if strict else schema, use_default=False, use_formats=False)


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with every object closed that names its fields, but for those in anyOf and oneOf.

    What stands there may be a part of an object, whose other fields stand elsewhere.
    """
    closed = dict(schema)
    for name in ("properties", "$defs"):
        if name in schema:
            closed[name] = {key: _closed(each) for key, each in schema[name].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            closed[name] = _closed(schema[name])
    if "properties" in schema:
        closed["additionalProperties"] = False
    return closed


def _describe(broken: "JsonSchemaValueException") -> str:
    """Say which field breaks which rule, and nothing of what stands in it."""
    wanted, found = broken.rule_definition, broken.value
    if broken.rule == "required":
        return f"{broken.name}.{next(name for name in wanted if name not in found)} is missing"
    if broken.rule == "additionalProperties":
        unknown = next(name for name in found if name not in broken.definition["properties"])
        return f"{broken.name}.{unknown} is no field of it"
    return f"{broken.name} breaks {broken.rule}: {json.dumps(wanted, ensure_ascii=False)}"
