"""Checks [access] and [secrets]: each resource, contract and bucket name that they use exists or is valid."""

import re
from typing import Final

from functions.runtime.core.suggestions import did_you_mean
from infra.contracts import contracts
from infra.contracts.contracts import Contracts
from infra.declarations import resources
from infra.declarations.resource_names import OWN_SECRET, placeholders
from infra.declarations.spec import ENVIRONMENT, FunctionSpec, SpecError

# Characters and length as in "General purpose bucket naming rules" of the Amazon S3 User Guide. A prefix needs three
# characters, so that it cannot match every bucket.
BUCKETS: Final = re.compile(r"[a-z0-9][a-z0-9.-]{2,62}\*?")


def check(spec: FunctionSpec, known: Contracts) -> None:
    """Raise SpecError for the first unknown resource or contract, and for the first invalid bucket name."""
    for key, resource in spec.access.named():
        fault = resources.fault(resource.id)
        if fault:
            raise SpecError(f"access.{key}: '{resource}' {fault}")
    for name, resource in spec.secrets.items():
        fault = resources.fault(resource.id, OWN_SECRET.id)
        if fault:
            raise SpecError(f"secrets.{name}: '{resource}' {fault}")
    for event_type in spec.access.emit:
        if not contracts.newest(known, event_type):
            raise SpecError(
                f"access.emit: '{event_type}' has no contract; events/{event_type}/1.schema.json does not exist"
            )
    _check_buckets(spec)


def _check_buckets(spec: FunctionSpec) -> None:
    shortest = spec.access.in_environment("e").block_public
    for name, resolved in zip(spec.access.block_public, shortest, strict=True):
        unknown = next((each for each in placeholders(name) if each != ENVIRONMENT), None)
        if unknown is not None:
            hint = did_you_mean(unknown, [ENVIRONMENT])
            raise SpecError(f"access.block_public: '{name}': ${{{unknown}}} is not a placeholder of this key{hint}")
        if not BUCKETS.fullmatch(resolved):
            raise SpecError(
                f"access.block_public: '{name}' must be a bucket name, or a prefix of at least three characters and *"
            )
