"""Returns for each function why an event has not run it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from herald.deployment import functions
from herald.errors import CommandError
from herald.explanation.matches import Match, in_order, match_of
from herald.investigate.consumers import Consumers
from infra.declarations.spec import FunctionSpec

type NotRun = dict[str, Any]


def every(consumers: Consumers, subject: str, event: Mapping[str, Any]) -> list[NotRun]:
    """Return all functions with reasons: matching functions first, then near misses, then all others."""
    specs = consumers.deployment.specs.values()
    return [
        _reason(consumers, subject, each, event) for each in in_order(_match(consumers, spec, event) for spec in specs)
    ]


def _match(consumers: Consumers, spec: FunctionSpec, event: Mapping[str, Any]) -> Match:
    try:
        return match_of(spec, functions.resolved_pattern(consumers.deployment, spec), event)
    except CommandError as error:  # a resource of the pattern is not deployed
        return Match(function=spec.name, reason=str(error))


def _reason(consumers: Consumers, subject: str, found: Match, event: Mapping[str, Any]) -> NotRun:
    reason = found.reason or consumers.reason(found.function, subject, datetime.fromisoformat(event["time"]))
    return {"function": found.function, "reason": reason, "matches": found.matches, "near": found.is_near}
