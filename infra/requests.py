"""What a declaration may say of requests and of secrets."""

from collections.abc import Mapping
from typing import Any, Final

from infra import resources
from infra.spec import OWN_SECRET, SNAKE_CASE, FunctionSpec, SpecError

# Of the format 2.0 in which a Function URL hands requests over, what a handler needs.
REQUEST_KEYS: Final = frozenset({"rawPath", "headers", "requestContext", "body", "isBase64Encoded"})


def check_delivery(spec: FunctionSpec, table: Mapping[str, Any]) -> None:
    """Refuse [delivery] where nothing is delivered."""
    if not spec.queued and "delivery" in table:
        message = "delivery: requests do not wait in a queue; a function with [trigger.http] has none"
        raise SpecError(message)


def is_request(given: Mapping[str, Any]) -> bool:
    """Judge whether a value is a request as a Function URL hands it over."""
    return given.keys() >= REQUEST_KEYS


def check_sample(name: str, sample: Mapping[str, Any]) -> None:
    """Refuse a sample of events/http/ that is not what a Function URL hands over."""
    if not is_request(sample):
        message = f"trigger.samples: events/{name}.json is no request: it needs {', '.join(sorted(REQUEST_KEYS))}"
        raise SpecError(message)


def check_secrets(spec: FunctionSpec) -> None:
    """Refuse what is no secret, its own or of infra/resources.toml, and a name that cannot be a variable."""
    for name, resource in spec.secrets.items():
        if not SNAKE_CASE.fullmatch(name):
            message = f"secrets.{name}: a secret is named in snake_case"
            raise SpecError(message)
        if resource.kind != "secret":
            message = f"secrets.{name}: '{resource}' is a {resource.kind}; it takes secret"
            raise SpecError(message)
        fault = resources.fault(resource.id, OWN_SECRET.id)
        if fault:
            message = f"secrets.{name}: '{resource}' {fault}"
            raise SpecError(message)
