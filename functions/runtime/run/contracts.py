"""Contracts at run time: the JSON Schema for the data of an event type, by major version, validates events.

The asset of a function contains the contracts of the types that it consumes and emits, at their paths in the
repository. fastjsonschema compiles each to a function; infra/contracts/contracts.py rejects contracts with keywords of
JSON Schema 2020-12 that fastjsonschema does not support.
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
    """Raise ContractError if the data of an event does not match the contract that it names.

    A type without a contract is accepted. Fields that the contract does not name are accepted, unless `strict` is set,
    as for emitted events.
    """
    known = _files(EVENTS).get(event.type, {})
    if known and event.contract_version not in known:
        versions = ", ".join(map(str, sorted(known)))
        raise ContractError(f"{event.type}/{event.contract_version} does not exist; the versions are {versions}")
    if known:
        _validate(known[event.contract_version], event.data, strict=strict)


def accept_in_worker(event: Event) -> None:
    """Raise ContractError if an event does not match its contract, or if the function does not read that version."""
    reads = settings().reads.get(event.type, set())
    if reads and event.contract_version not in reads:
        versions = ", ".join(map(str, sorted(reads)))
        raise ContractError(f"{event.type}/{event.contract_version}: {settings().function} reads {versions} only")
    accept(event)


def check_emitted(event_type: str, data: Mapping[str, Any]) -> str | None:
    """Return the URI of the newest contract of a type, None if it has none; ContractError if the data does not match.

    The check is strict: a later version of the contract may define a field with the same name in another way.
    """
    known = _files(EVENTS).get(event_type)
    if not known:
        return None
    newest = max(known)
    _validate(known[newest], dict(data), strict=True)
    return f"herald:{event_type}/{newest}"


def _validate(contract: Path, data: Mapping[str, Any], *, strict: bool) -> None:
    from fastjsonschema import JsonSchemaValueException  # noqa: PLC0415 - only functions with contracts need it

    try:
        _validator(contract, strict=strict)(data)
    except JsonSchemaValueException as broken:
        raise ContractError(
            f"{contract.parent.name}/{contract.name.removesuffix(SUFFIX)}: {_describe(broken)}"
        ) from None  # the cause contains the data


@cache
def _files(folder: Path) -> dict[str, dict[int, Path]]:
    """Return all contracts, found once per worker; an event type is never part of a path."""
    found: dict[str, dict[int, Path]] = {}
    for path in folder.glob(f"*/*{SUFFIX}"):
        version = path.name.removesuffix(SUFFIX)
        if version.isdecimal():  # contracts of AWS's events have longer names; they are for readers and tests
            found.setdefault(path.parent.name, {})[int(version)] = path
    return found


@cache
def _validator(contract: Path, *, strict: bool) -> Callable[[Mapping[str, Any]], object]:
    """Compile a contract once per worker: that takes milliseconds, a validation takes microseconds."""
    import fastjsonschema  # noqa: PLC0415 - only functions with contracts need it

    schema = json.loads(contract.read_bytes())
    # In JSON Schema 2020-12, `default` and `format` are annotations.
    return fastjsonschema.compile(_closed(schema) if strict else schema, use_default=False, use_formats=False)


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without additional properties in objects that name their fields, except in anyOf and oneOf.

    A schema in anyOf or oneOf may describe a part of an object; another schema describes its other fields.
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
    """Return the field and the rule that it breaks, without its value."""
    wanted, found = broken.rule_definition, broken.value
    if broken.rule == "required":
        return f"{broken.name}.{next(name for name in wanted if name not in found)} is missing"
    if broken.rule == "additionalProperties":
        unknown = next(name for name in found if name not in broken.definition["properties"])
        return f"{broken.name}.{unknown} is not a field of the contract"
    return f"{broken.name} breaks {broken.rule}: {json.dumps(wanted, ensure_ascii=False)}"
