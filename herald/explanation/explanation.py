"""Answers `herald explain`: which functions an event runs, and why it does not run the others."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from functions.runtime.core.event import Event
from functions.runtime.core.suggestions import did_you_mean
from herald.errors import CommandError
from herald.explanation import event_checks, offline_names
from herald.explanation.clauses import Pattern
from herald.explanation.matches import Match, in_order, match_of
from infra.declarations.spec import FunctionSpec

type Envelope = Mapping[str, Any]
type Resolve = Callable[[FunctionSpec], Pattern]


def offline(specs: Sequence[FunctionSpec], envelope: Envelope, function: str | None = None) -> dict[str, Any]:
    """Explain an event without a request to AWS; names of resources are guessed from the event."""
    asked = [dict(spec.trigger.pattern) for spec in specs]
    names = offline_names.guessed(envelope, asked)
    answer = explain(
        specs, envelope, lambda spec: offline_names.resolved(dict(spec.trigger.pattern), names), function=function
    )
    return answer | {"assumed": names}


def explain(
    specs: Sequence[FunctionSpec], envelope: Envelope, resolve: Resolve, *, function: str | None = None
) -> dict[str, Any]:
    """Explain an event; `resolve` returns the pattern of a function with physical names.

    CommandError: `function` is not declared.
    """
    chosen = [spec for spec in specs if function in {None, spec.name}]
    if not chosen:
        raise CommandError(f"no function {function!r} is declared{did_you_mean(str(function), _names(specs))}")
    event, unreadable = event_checks.parsed(envelope)
    found = in_order(match_of(spec, resolve(spec), envelope) for spec in chosen)
    by_name = {spec.name: spec for spec in chosen}
    return {
        "event": _described(specs, envelope, event, unreadable),
        "functions": [_function(by_name[each.function], each, event) for each in found],
    }


def _names(specs: Sequence[FunctionSpec]) -> list[str]:
    return [spec.name for spec in specs]


def _described(
    specs: Sequence[FunctionSpec], envelope: Envelope, event: Event | None, unreadable: str | None
) -> dict[str, Any]:
    source = event.source if event else str(envelope.get("source"))
    kind = event.type if event else str(envelope.get("detail-type"))
    return {
        "subject": event.subject if event else None,
        "id": event.id if event else None,
        "type": kind,
        "source": source,
        "time": envelope.get("time"),
        "unreadable": unreadable,
        "contract": event_checks.contract_of(event) if event else None,
        "contract_fault": event_checks.contract_fault(event) if event else None,
        "source_fault": None if event and event.woken else event_checks.source_fault(specs, source, kind),
    }


def _function(spec: FunctionSpec, found: Match, event: Event | None) -> dict[str, Any]:
    comparison = found.comparison
    return {
        "function": spec.name,
        "matches": found.matches,
        "near": found.is_near,
        "reason": found.reason,
        "version_fault": event_checks.version_fault(spec, event) if event else None,
        "trigger": dict(spec.trigger.asked),
        "clauses": [clause.describe() for clause in comparison.clauses] if comparison else [],
    }
