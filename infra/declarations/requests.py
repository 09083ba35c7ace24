"""What a declaration may say of requests and of secrets."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from itertools import combinations
from typing import Any, Final

from functions.runtime.core.suggestions import did_you_mean
from infra.declarations import resources
from infra.declarations.spec import OWN_SECRET, SNAKE_CASE, FunctionSpec, HttpTrigger, SenderSpec, SpecError

# Of the format 2.0 in which a Function URL hands requests over, what a handler needs.
REQUEST_KEYS: Final = frozenset({"rawPath", "headers", "requestContext", "body", "isBase64Encoded"})

SUBJECTS: Final = re.compile(r"[^*]+\*?")  # a whole subject, or its beginning


def check_delivery(spec: FunctionSpec, table: Mapping[str, Any]) -> None:
    """Refuse [delivery] where nothing is delivered."""
    if not spec.queued and "delivery" in table:
        raise SpecError("delivery: requests do not wait in a queue; a function with [trigger.http] has none")


def is_request(given: Mapping[str, Any]) -> bool:
    """Judge whether a value is a request as a Function URL hands it over."""
    return given.keys() >= REQUEST_KEYS


def check_sample(name: str, sample: Mapping[str, Any]) -> None:
    """Refuse a sample of events/http/ that is not what a Function URL hands over."""
    if not is_request(sample):
        raise SpecError(
            f"trigger.samples: events/{name}.json is no request: it needs {', '.join(sorted(REQUEST_KEYS))}"
        )


def senders(http: HttpTrigger | None) -> dict[str, Any]:
    """Return the senders as the function's environment has them: by name, what each may say."""
    return {name: asdict(sender) for name, sender in http.senders.items()} if http else {}


def check_senders(spec: FunctionSpec) -> None:
    """Refuse a sender with a type that [access] does not emit, and a type that no sender may cause."""
    if not spec.trigger.http:
        return
    declared = spec.trigger.http.senders
    for name, sender in declared.items():
        where = f"trigger.http.senders.{name}"
        if not SNAKE_CASE.fullmatch(name):
            raise SpecError(f"{where}: a sender is named in snake_case")
        for event_type in sender.types:
            if event_type not in spec.access.emit:
                hint = did_you_mean(event_type, spec.access.emit)
                raise SpecError(f"{where}.types: '{event_type}' is not in access.emit{hint}")
        for subject in sender.subjects:
            if not SUBJECTS.fullmatch(subject):
                raise SpecError(f"{where}.subjects: '{subject}' must be a subject, or its beginning and *")
    _check_reserved(declared)
    for event_type in spec.access.emit:
        if not any(event_type in sender.types for sender in declared.values()):
            raise SpecError(
                f"access.emit: no sender may cause '{event_type}': name it in types of trigger.http.senders.<sender>"
            )


def _check_reserved(senders: Mapping[str, SenderSpec]) -> None:
    """Refuse subjects that two senders reserve: neither could name them."""
    reserved = [(name, subject) for name, sender in senders.items() for subject in sender.subjects]
    for (name, subject), (other, its) in combinations(reserved, 2):
        if name != other and _overlap(subject, its):
            raise SpecError(
                f"trigger.http.senders.{other}.subjects: '{its}' overlaps '{subject}', which '{name}' reserves"
            )


def _overlap(one: str, other: str) -> bool:
    """Judge whether one subject can be in both; a * at the end stands for any rest."""
    short, long = sorted((one, other), key=lambda each: len(each.removesuffix("*")))
    return long.startswith(short.removesuffix("*")) if short.endswith("*") else short == long


def check_secrets(spec: FunctionSpec) -> None:
    """Refuse what is no secret, its own or of infra/resources.toml, and a name that cannot be a variable."""
    for name, resource in spec.secrets.items():
        if not SNAKE_CASE.fullmatch(name):
            raise SpecError(f"secrets.{name}: a secret is named in snake_case")
        if resource.kind != "secret":
            raise SpecError(f"secrets.{name}: '{resource}' is a {resource.kind}; it takes secret")
        fault = resources.fault(resource.id, OWN_SECRET.id)
        if fault:
            raise SpecError(f"secrets.{name}: '{resource}' {fault}")
