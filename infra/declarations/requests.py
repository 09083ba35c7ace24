"""HTTPS requests to functions: their form, and their senders as the function's environment contains them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from infra.declarations.spec import HttpTrigger

# The keys that a handler reads. Source: "Creating and managing Lambda function URLs", payload format 2.0.
REQUEST_KEYS: Final = frozenset({"rawPath", "headers", "requestContext", "body", "isBase64Encoded"})


def is_request(given: Mapping[str, Any]) -> bool:
    """Return whether a value is a request in the form in which a Function URL invokes a function."""
    return given.keys() >= REQUEST_KEYS


def senders(http: HttpTrigger | None) -> dict[str, Any]:
    """Return the types and subjects of each sender, by its name."""
    return {name: asdict(sender) for name, sender in http.senders.items()} if http else {}
