"""The contracts that a new function uses: the existing ones with their samples, and the first one of a new type."""

import uuid
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import jsonschema

from functions.runtime.core.suggestions import nearest
from herald.errors import CommandError
from herald.scaffold import new_files
from herald.scaffold.minimal_value import minimal_value, referred
from infra.contracts import contracts
from infra.contracts.contracts import DRAFT, EVENT_TYPE, Contract
from infra.declarations import consistency, loader
from infra.declarations.naming import is_aws

TYPE_LENGTH: Final = 64  # EventBridge allows 128, but a line of code with 128 would be too long
ENVELOPE: Final[dict[str, Any]] = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "",
    "source": "",
    "account": "111122223333",
    "time": "2026-11-12T00:00:02Z",
    "region": "eu-west-1",
    "resources": [],
    "detail": {},
}


def new(root: Path, event_type: str) -> list[str]:
    """Write the contract of an event type, a valid sample and an invalid sample; return the names of the files.

    CommandError when the name of the type is invalid, or when it has a contract.
    """
    _check_type(event_type)
    folder = f"events/{event_type}"
    if (root / folder).exists():
        newest = contracts.newest(contracts.load(root), event_type)
        file = f"{folder}/{newest.version + 1 if newest else 1}.schema.json"
        raise CommandError(
            f"{folder} exists already: write the next version of the contract to {file}; `herald check --base REV` "
            "compares it with the contracts of a Git revision"
        )
    source = event_type.split(".", maxsplit=1)[0]
    good, bad = f"{event_type}/example", f"{event_type}/invalid/no_summary"
    broken = {"reason": f"{event_type}/1: data.summary is missing", "event": cloud_event(bad, 1, source, {})}
    written = {
        f"{folder}/1.schema.json": _schema(event_type),
        f"events/{good}.json": cloud_event(good, 1, source, {"summary": "This is an example."}),
        f"events/{bad}.json": broken,
    }
    new_files.write(
        root, {name: new_files.as_json(content) for name, content in written.items()}, lambda: contracts.load(root)
    )
    return list(written)


def _schema(event_type: str) -> dict[str, Any]:
    """Return the first contract of an event type: a summary is required."""
    return {
        "$schema": DRAFT,
        "title": event_type,
        "description": f"It happened: {event_type}. The subject is what it happened to, such as customer/42.",
        "type": "object",
        "required": ["summary"],
        "properties": {
            "summary": {"type": "string", "minLength": 1, "description": "What happened, in a sentence for people."}
        },
    }


def of(root: Path, event_type: str) -> Contract:
    """Return the newest contract of an event type; CommandError says how to get one."""
    known = contracts.load(root)
    found = contracts.newest(known, event_type)
    if found is None:
        _check_type(event_type)
        near = nearest(event_type, contracts.event_types(known))
        raise CommandError(f"'{event_type}' has no contract: `herald new-event {event_type}` writes one{near}")
    return found


def samples(root: Path, folder: str = "") -> dict[str, dict[str, Any]]:
    """Return the sample events in a folder of events/, or in all, by the names that [trigger] gives them."""
    names = (name for name in consistency.samples(root) if name.rpartition("/")[0] == folder or not folder)
    return {name: loader.sample(name, root) for name in names}


def example(root: Path, event_type: str) -> dict[str, Any]:
    """Return data that satisfies the contract of a type: a minimal value, or the data of a sample if that fails."""
    promised = of(root, event_type)
    candidates = [minimal_value(promised.schema, promised.schema)]
    candidates += [event["detail"]["data"] for event in samples(root, event_type).values() if is_cloud_event(event)]
    for data in candidates:
        if isinstance(data, dict) and not fault(data, promised.schema):
            return data
    raise CommandError(f"no data can be made up that keeps {promised.file}: write a sample beside it")


def fault(data: object, schema: Mapping[str, Any]) -> str | None:
    """Return what in data breaks a contract, None where it is kept."""
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(data))
    return f"{error.json_path.removeprefix('$.')}: {error.message}" if error else None


def strangers(data: Any, schema: Any, whole: Mapping[str, Any], path: str) -> Iterator[tuple[str, Collection[str]]]:  # noqa: ANN401 - JSON
    """Yield the fields of data that a schema does not have, and those that it has in their place.

    They are what producers are refused: an object is asked that names its fields, but for those in anyOf and oneOf.
    """
    if not isinstance(schema, Mapping):
        return
    if "$ref" in schema:
        yield from strangers(data, referred(schema["$ref"], whole), whole, path)
    elif isinstance(data, list):
        for each in data:
            yield from strangers(each, schema.get("items"), whole, path)
    elif isinstance(data, Mapping):
        known = schema.get("properties")
        for name, below in data.items():
            if known is not None and name not in known:
                yield f"{path}.{name}", known
            else:
                part = (known or {}).get(name, schema.get("additionalProperties"))
                yield from strangers(below, part, whole, f"{path}.{name}")


def is_cloud_event(event: Mapping[str, Any]) -> bool:
    """Judge whether an event is a CloudEvent with data."""
    detail = event.get("detail")
    return isinstance(detail, dict) and "specversion" in detail and isinstance(detail.get("data"), dict)


def cloud_event(sample: str, version: int, source: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a CloudEvent as EventBridge delivers it; its data are of a version of its contract.

    The name of its sample begins with its type.
    """
    event_type = sample.partition("/")[0]
    detail = {
        "specversion": "1.0",
        "id": identity(sample).hex,
        "source": source,
        "type": event_type,
        "subject": f"{event_type.split('.', maxsplit=1)[0]}/42",
        "time": "2026-11-12T00:00:01Z",
        "datacontenttype": "application/json",
        "dataschema": f"herald:{event_type}/{version}",
        "data": data,
    }
    return ENVELOPE | {"detail-type": event_type, "source": source, "detail": detail}


def identity(sample: str) -> uuid.UUID:
    """Return the id of a made-up event: always the same, and that of no other sample."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"herald:{sample}")


def _check_type(event_type: str) -> None:
    if not EVENT_TYPE.fullmatch(event_type) or is_aws(event_type) or len(event_type) > TYPE_LENGTH:
        raise CommandError(
            f"'{event_type}' cannot be an event type: it must be dotted lower-case words, such as customer.created, "
            f"not begin with 'aws.', and have at most {TYPE_LENGTH} characters"
        )
