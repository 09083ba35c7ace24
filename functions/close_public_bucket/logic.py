"""The decision whether a bucket is closed, and the data of the event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.close_public_bucket.model import Change, Exposure


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The decision: `left` is the reason to leave the bucket open, `found` describes a bucket to close."""

    left: str | None = None
    found: Mapping[str, Any] | None = None


def describe(exposure: Exposure) -> dict[str, Any]:
    """Return how far a bucket was open as JSON-ready values. Unknown values are left out."""
    grants = exposure.public_grants
    known = {
        "blocks_off": list(exposure.blocks_off),
        "policy_public": exposure.policy_public,
        "public_grants": None if grants is None else list(grants),
    }
    return {name: value for name, value in known.items() if value is not None}


def plan(now: Exposure, first: Mapping[str, Any]) -> Plan:
    """Decide from the bucket's current state; `first` describes the state that the run's first attempt found.

    If an earlier attempt closed the bucket but did not emit the event, the bucket is closed now. The event then
    describes the state that the first attempt found.
    """
    if now.exception and now.blocks_off:
        return Plan(left=f"the bucket is an exception: {now.exception}")
    found = describe(now) if now.blocks_off else first
    return Plan(found=found) if found["blocks_off"] else Plan(left="the bucket is already closed")


def announce(change: Change, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of `policy.remediated`."""
    data = {"bucket": change.bucket, "action": change.action, "by": change.by}
    return {name: value for name, value in data.items() if value} | {"found": found, "done": "public_access_blocked"}
