"""Decides whether an event runs a function, with the reason, and sorts functions: matching, near misses, the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from functions.runtime.envelopes import iot, wake
from herald.explanation.clauses import Comparison, Pattern, compare
from infra.declarations.naming import is_aws
from infra.declarations.spec import FunctionSpec
from infra.declarations.topic import device_of

NO_PATTERN: Final = "no event bus triggers it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Whether an event runs a function; `reason` is None if it does. `comparison` is None without a pattern."""

    function: str
    reason: str | None
    comparison: Comparison | None = None

    @property
    def matches(self) -> bool:
        """Whether the event runs the function."""
        return self.reason is None

    @property
    def is_near(self) -> bool:
        """Whether the event nearly matches the pattern, or matches it on another bus."""
        if self.matches or self.comparison is None:
            return False
        return self.comparison.is_near or self.comparison.mismatch is None

    @property
    def rank(self) -> tuple[bool, bool, tuple[bool, int]]:
        """The order: matching functions, then near misses, then all others."""
        near = self.comparison.rank if self.comparison and self.is_near else (True, 0)
        return not self.matches, not self.is_near, near


def match_of(spec: FunctionSpec, wanted: Pattern, event: Mapping[str, Any]) -> Match:
    """Return whether an event runs a function with a pattern, which has physical names."""
    if iot.is_message(event):
        return Match(function=spec.name, reason=_topic_fault(spec, event))
    if wake.is_message(event):
        return Match(function=spec.name, reason=_wake_fault(spec, event))
    if not wanted:
        return Match(function=spec.name, reason=NO_PATTERN)
    comparison = compare(wanted, event)
    reason = comparison.reason if comparison.mismatch else _bus_fault(spec, event)
    return Match(function=spec.name, reason=reason, comparison=comparison)


def in_order(found: Iterable[Match]) -> list[Match]:
    """Return them in the order: matching functions, then near misses, then all others."""
    return sorted(found, key=lambda each: each.rank)


def _bus_fault(spec: FunctionSpec, event: Mapping[str, Any]) -> str | None:
    """Return why the bus of an event is not a bus of the function's rules; None if it is."""
    bus = "default" if is_aws(event.get("source")) else "herald"
    if bus in spec.buses:
        return None
    return f"the event is on the bus {bus}, and its rule is on the bus {' and '.join(spec.buses)}"


def _topic_fault(spec: FunctionSpec, event: Mapping[str, Any]) -> str | None:
    if spec.trigger.iot is None:
        return "no messages of devices trigger it"
    topic = str(event.get("topic"))
    wanted = spec.trigger.iot.topic
    return None if device_of(wanted, topic) else f"topic: {topic!r} does not match {wanted!r}"


def _wake_fault(spec: FunctionSpec, event: Mapping[str, Any]) -> str | None:
    asked = event.get("causationfunction")
    return None if asked in {spec.name, *spec.formerly} else f"a wake runs only the function that asked for it: {asked}"
