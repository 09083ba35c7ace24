"""The fields of the events that notices use. Their contracts guarantee the fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

KINDS: Final = ("added", "removed", "upgraded", "downgraded")
LATER_KINDS: Final = ("changed",)  # optional in the contract: older events lack it


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedReport:
    """A test report with failures; `duration_seconds` is the total time of its tests."""

    subject: str
    tests: int
    failures: int
    duration_seconds: float
    failing_tests: tuple[str, ...]
    failing_tests_omitted: int

    @classmethod
    def read(cls, subject: str, data: Mapping[str, Any]) -> Self:
        """Read the event's data."""
        return cls(
            subject=subject,
            tests=int(data["tests"]),
            failures=int(data["failures"]),
            duration_seconds=float(data["duration_seconds"]),
            failing_tests=tuple(str(name) for name in data["failing_tests"]),
            failing_tests_omitted=int(data["failing_tests_omitted"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedInventory:
    """The number of changed components per kind, and the names and versions of the first ones."""

    subject: str
    baseline: bool
    counts: Mapping[str, int]
    named: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, subject: str, data: Mapping[str, Any]) -> Self:
        """Read the event's data."""
        counts = {kind: int(data["counts"][kind]) for kind in KINDS}
        named = {kind: tuple(_name(change) for change in data[kind]) for kind in KINDS}
        return cls(
            subject=subject,
            baseline=bool(data["baseline"]),
            counts=counts | {kind: int(data["counts"].get(kind, 0)) for kind in LATER_KINDS},
            named=named | {kind: tuple(_name(change) for change in data.get(kind, ())) for kind in LATER_KINDS},
        )


def _name(change: Mapping[str, Any]) -> str:
    versions = f"{change['from']} → {change['to']}" if "from" in change else str(change["version"])
    return f"{change['name']} {versions}".rstrip()
