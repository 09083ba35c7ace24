"""Builds an AsyncAPI 3.0 document: a channel per event type, a message per version, and the functions' operations.

Source: AsyncAPI Specification 3.0.0. Payloads use its schema object, a superset of JSON Schema draft 7. SNS notices and
writes of objects are not included.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from herald.markup import UNSAFE
from infra.declarations.spec import FunctionSpec
from infra.flow.graph import EventType, Flow

# The attributes of every event on the bus `herald`: CloudEvents 1.0 and the extensions of Herald.
TEXT: Final = {"type": "string", "minLength": 1}
ENVELOPE: Final[Mapping[str, Any]] = {
    "specversion": {"const": "1.0"},
    "id": TEXT,
    "source": TEXT,
    "subject": TEXT,
    "time": {"type": "string", "format": "date-time"},
    "datacontenttype": {"const": "application/json"},
    "correlationid": TEXT,
    "causationid": TEXT,
    "sequence": TEXT,
    "depth": {"type": "integer", "minimum": 0},
}
REQUIRED: Final = ("specversion", "id", "source", "type", "data")
CLOUD_EVENT: Final = "application/cloudevents+json"


def document(flow: Flow) -> dict[str, Any]:
    """Return the document; a payload describes the `detail` of an EventBridge event."""
    keys = {event.name: _key(event.name) for event in flow.events}
    versions = [(event, version) for event in flow.events for version in sorted(event.contracts)]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Herald",
            "version": "1.0.0",
            "description": "Event types and functions of one installation. A payload is the detail of an event.",
        },
        "defaultContentType": "application/json",
        "channels": {keys[event.name]: _channel(event) for event in flow.events},
        "operations": {name: operation for spec in flow.specs for name, operation in _operations(spec, flow)},
        "components": {
            "messages": {f"{keys[event.name]}.{version}": _message(event, version) for event, version in versions},
            "schemas": {f"{keys[event.name]}.{version}": _schema(event, version) for event, version in versions},
        },
    }


def _key(name: str) -> str:
    """Return a unique key for a name; keys of the document cannot contain slashes or spaces."""
    return UNSAFE.sub(lambda match: f"-{ord(match[0]):x}-", name)


def _channel(event: EventType) -> dict[str, Any]:
    newest = event.contracts[max(event.contracts)] if event.contracts else {}
    key = _key(event.name)
    return {
        "address": event.name,
        "title": event.type,
        "description": str(newest.get("description", "There is no contract for its data.")),
        "tags": [{"name": f"bus:{'default' if event.source else 'herald'}"}],
        "messages": {f"v{each}": {"$ref": f"#/components/messages/{key}.{each}"} for each in sorted(event.contracts)},
    }


def _operations(spec: FunctionSpec, flow: Flow) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the operations of a function, each with a unique name."""
    for event in flow.events:
        actions = {"receive": spec.name in flow.consumers(event), "send": spec.name in flow.emitters(event)}
        for action, done in actions.items():
            if done:
                yield f"{spec.name}.{action}.{_key(event.name)}", _operation(spec, event, action)


def _operation(spec: FunctionSpec, event: EventType, action: str) -> dict[str, Any]:
    channel = f"#/channels/{_key(event.name)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "title": spec.name,
        "summary": spec.description,
        "tags": [{"name": f"owner:{spec.owner}"}],
        "messages": [{"$ref": f"{channel}/messages/v{version}"} for version in sorted(event.contracts)],
    }


def _message(event: EventType, version: int) -> dict[str, Any]:
    """Return a message: the detail of an AWS event, or a CloudEvent with the data of a domain event."""
    data = {"$ref": f"#/components/schemas/{_key(event.name)}.{version}"}
    message = {"name": event.type, "title": f"{event.type}, version {version}"}
    if event.source:
        return message | {"payload": data}
    properties = {**ENVELOPE, "type": {"const": event.type}, "data": data}
    return message | {
        "contentType": CLOUD_EVENT,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": {"type": "object", "required": list(REQUIRED), "properties": properties},
    }


def _schema(event: EventType, version: int) -> Any:  # noqa: ANN401 - JSON
    """Return a contract for this document: `$defs` renamed as in draft 7, and references from the document's root."""
    contract = {name: value for name, value in event.contracts[version].items() if name not in {"$schema", "$id"}}
    if "$defs" in contract:
        contract["definitions"] = contract.pop("$defs")
    return _moved(contract, f"#/components/schemas/{_key(event.name)}.{version}")


def _moved(value: Any, root: str) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return {name: _reference(each, root) if name == "$ref" else _moved(each, root) for name, each in value.items()}
    return [_moved(each, root) for each in value] if isinstance(value, list) else value


def _reference(value: Any, root: str) -> Any:  # noqa: ANN401 - JSON; a property may be named $ref
    if not isinstance(value, str) or not value.startswith("#"):
        return _moved(value, root)
    return root + value.removeprefix("#").replace("/$defs/", "/definitions/", 1)
