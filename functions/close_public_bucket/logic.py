"""Whether a bucket is to be closed, and how that is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.close_public_bucket.model import Change, Exposure


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done: `left` says why nothing is, `found` what is told of a bucket that is closed."""

    left: str | None = None
    found: Mapping[str, Any] | None = None


def describe(exposure: Exposure) -> dict[str, Any]:
    """Return how far a bucket was open as JSON-ready values, without what is not known."""
    grants = exposure.public_grants
    known = {
        "blocks_off": list(exposure.blocks_off),
        "policy_public": exposure.policy_public,
        "public_grants": None if grants is None else list(grants),
    }
    return {name: value for name, value in known.items() if value is not None}


def plan(now: Exposure, first: Mapping[str, Any]) -> Plan:
    """Judge a bucket as it is now; `first` describes what the first attempt of this run found.

    An attempt that closed it and could not tell of it has left a closed bucket: it is told of as it was found.
    """
    if now.exception and now.blocks_off:
        return Plan(left=f"it is an exception: {now.exception}")
    found = describe(now) if now.blocks_off else first
    return Plan(found=found) if found["blocks_off"] else Plan(left="it is closed")


def announce(change: Change, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of `policy.remediated`."""
    data = {"bucket": change.bucket, "action": change.action, "by": change.by}
    return {name: value for name, value in data.items() if value} | {"found": found, "done": "public_access_blocked"}
