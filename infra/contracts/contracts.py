"""Contracts: what events/ promises of every type of event, by major version, and whether it can be held.

events/<type>/<N>.schema.json is the JSON Schema 2020-12 of a CloudEvent's data, N its major version;
events/<source>/<detail_type>.<N>.schema.json is that of an AWS event's detail. events/README.md says how they change.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from functions.runtime.patterns import pattern
from infra.declarations.naming import EVENT_TYPE
from infra.declarations.spec import FunctionSpec, SpecError
from infra.flow.routing import event_reaches

OURS: Final = re.compile(rf"events/(?P<name>(?!aws\.){EVENT_TYPE.pattern})/(?P<version>[1-9]\d*)\.schema\.json")
AWS: Final = re.compile(r"events/(?P<name>aws\.[a-z0-9_.-]+/[a-z0-9_-]+)\.(?P<version>[1-9]\d*)\.schema\.json")
DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

# Both validators, the one of the functions and the one of the tools, read these alike. The functions' knows no keyword
# that came after draft 7 and passes over it without a word: such a contract would promise what nobody checks.
NOTES: Final = frozenset(
    {"$schema", "$comment", "title", "description", "examples", "default", "deprecated", "format", "$defs"}
)
RULES: Final = frozenset(
    {"type", "enum", "const", "properties", "required", "additionalProperties", "propertyNames", "minProperties"}
    | {"maxProperties", "items", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern", "minimum"}
    | {"maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "anyOf", "oneOf", "$ref"}
)
OF_MAPS: Final = frozenset({"additionalProperties", "propertyNames", "maxProperties"})
TYPES: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
UNNAMABLE: Final = re.compile(r"[^a-z0-9_-]")
LOCAL: Final = re.compile(r"#/\$defs/(?P<name>[a-z][a-z0-9_]*)")

type Schema = Mapping[str, Any]
type Contracts = Mapping[str, Mapping[int, "Contract"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One major version of what is promised; its name is the event type, or `aws.s3/object_created` for AWS's own."""

    name: str
    version: int
    file: str
    schema: Schema

    @property
    def ours(self) -> bool:
        """Whether functions check it: AWS keeps its own contracts."""
        return "/" not in self.name

    @property
    def uri(self) -> str:
        """What the `dataschema` of its events says."""
        return f"herald:{self.name}/{self.version}"

    def reaches(self, spec: FunctionSpec) -> bool:
        """Judge whether its events run a function: by source and type, and ours by `dataschema` where it is asked for.

        The title of an AWS contract is the type.
        """
        if self.ours:
            asked = spec.trigger.pattern.get("detail", {}).get("dataschema")
            named = asked is None or pattern.matches({"dataschema": asked}, {"dataschema": self.uri})
            return named and event_reaches(self.name, None, spec)
        return event_reaches(str(self.schema.get("title")), self.name.partition("/")[0], spec)


def load(root: Path) -> Contracts:
    """Return the contracts under `root` by name and version; SpecError says the first thing that is wrong with one."""
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
        raise SpecError(f"events/{path.parent.name}/{path.name} is no text in UTF-8: {error}") from error
    except OSError as error:
        raise SpecError(f"events/{path.parent.name}/{path.name} cannot be read: {error.strerror}") from error


def parse(files: Mapping[str, str]) -> Contracts:
    """Read contracts from texts by file name; SpecError names the file that is no JSON object or no contract."""
    contracts: dict[str, dict[int, Contract]] = {}
    for file, text in files.items():
        match = OURS.fullmatch(file) or AWS.fullmatch(file)
        if not match:
            raise SpecError(
                f"{file}: contracts are events/<type>/<N>.schema.json, AWS's events/<source>/<detail_type>.<N>.…"
            )
        try:
            schema = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SpecError(f"{file} is not JSON: {error}") from error
        if not isinstance(schema, dict):
            raise SpecError(f"{file} is no contract: it must be a JSON object")
        version = int(match["version"])
        contract = Contract(name=match["name"], version=version, file=file, schema=schema)
        contracts.setdefault(contract.name, {})[version] = contract
    return contracts


def every(contracts: Contracts) -> Iterator[Contract]:
    """Yield all versions of all contracts."""
    for versions in contracts.values():
        yield from versions.values()


def event_types(contracts: Contracts) -> set[str]:
    """Return the event types that are ours."""
    return {contract.name for contract in every(contracts) if contract.ours}


def newest(contracts: Contracts, name: str) -> Contract | None:
    """Return the newest version of a contract, which is what functions emit; None where there is none."""
    versions = contracts.get(name)
    return versions[max(versions)] if versions else None


def of_event(contracts: Contracts, event: Mapping[str, Any]) -> Contract | None:
    """Return the contract of an EventBridge event: of a CloudEvent the version its dataschema names, else the first."""
    source, detail_type, detail = (event.get(name) for name in ("source", "detail-type", "detail"))
    if not isinstance(detail, dict):
        return None
    if "specversion" not in detail:
        return newest(contracts, aws_name(str(source), str(detail_type)))
    return contracts.get(str(detail_type), {}).get(version_of(event))


def version_of(event: Mapping[str, Any]) -> int:
    """Return the version that a CloudEvent in an EventBridge event names: 1 where it names none, 0 for no number."""
    version = str(event["detail"].get("dataschema", "1")).rpartition("/")[2]
    return int(version) if version.isdecimal() else 0


def aws_name(source: str, detail_type: str) -> str:
    """Return the name of the contract of an AWS event: in place of what no file's name should hold is a `_`."""
    return f"{source}/{UNNAMABLE.sub('_', detail_type.lower())}"


def needed(contracts: Contracts, spec: FunctionSpec) -> list[Contract]:
    """Return what the function must hold its events against: all versions of what it consumes and emits."""
    ours = (contract for contract in every(contracts) if contract.ours)
    return [contract for contract in ours if contract.name in spec.access.emit or contract.reaches(spec)]


def faults(contract: Contract) -> Iterator[str]:
    """Yield why a contract cannot be held by all: it minds fields it does not know, or has rules that nobody checks."""
    yield from _closed(contract.schema, "#")
    if contract.ours:
        for where, schema in _walk(contract.schema, "#"):
            yield from (f"{where}: {fault}" for fault in _unchecked(schema, contract.schema))


def _closed(value: object, where: str) -> Iterator[str]:
    """Find what forbids unknown fields, wherever it stands."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in below:
        if key in {"additionalProperties", "unevaluatedProperties"} and each is False:
            yield f"{where}/{key}: must not be false: a field that is added later would break every reader"
        yield from _closed(each, f"{where}/{key}")


def _unchecked(schema: object, root: Schema) -> Iterator[str]:
    """Find what the validator of the functions would pass over or read in another way."""
    if not isinstance(schema, dict):
        yield f"must be an object, not {json.dumps(schema)}"
        return
    yield from (f"nobody checks the keyword '{key}' at run time" for key in sorted(schema.keys() - NOTES - RULES))
    named = schema.get("type", [])
    yield from (
        f"unknown type {json.dumps(each)}"
        for each in ([named] if isinstance(named, str) else named)
        if each not in TYPES
    )
    if schema.get("$schema", DRAFT) != DRAFT:
        yield f"$schema is not {DRAFT}"
    if "$ref" in schema:
        reference = LOCAL.fullmatch(str(schema["$ref"]))
        if not reference or reference["name"] not in root.get("$defs", {}):
            yield f"$ref {json.dumps(schema['$ref'])} is not one of #/$defs, in snake_case"
        yield from (f"'{key}' is not checked beside $ref" for key in sorted(schema.keys() & RULES - {"$ref"}))
    if "properties" in schema:
        beside = sorted(key for key in schema.keys() & OF_MAPS if schema[key] is not True)
        yield from (f"'{key}' beside properties would mind fields that are added later" for key in beside)
        missing = [name for name in schema.get("required", ()) if name not in schema["properties"]]
        yield from (f"'{name}' is required, and none of the properties" for name in missing)


def _walk(schema: Schema, where: str) -> Iterator[tuple[str, Any]]:
    """Yield a schema and all below it, with the pointers to them."""
    yield where, schema
    for pointer, below in _subschemas(schema) if isinstance(schema, dict) else ():
        yield from _walk(below, f"{where}/{pointer}")


def _subschemas(schema: Schema) -> Iterator[tuple[str, Any]]:
    """Yield the schemas right below one, with the pointers that lead there from it."""
    for keyword in ("properties", "$defs"):
        yield from ((f"{keyword}/{name}", below) for name, below in schema.get(keyword, {}).items())
    for keyword in ("anyOf", "oneOf"):
        yield from ((f"{keyword}/{place}", below) for place, below in enumerate(schema.get(keyword, ())))
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if keyword in schema and schema[keyword] is not True:
            yield keyword, schema[keyword]
