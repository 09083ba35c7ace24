"""The fields of `report.published` that a notice is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedReport:
    """A test report with failures; `duration_seconds` is the time its tests took."""

    subject: str
    tests: int
    failures: int
    duration_seconds: float
    failing_tests: tuple[str, ...]
    failing_tests_omitted: int

    @classmethod
    def read(cls, subject: str, data: Mapping[str, Any]) -> Self:
        """Read the event's data; KeyError, TypeError or ValueError where it breaks the contract."""
        return cls(
            subject=subject,
            tests=int(data["tests"]),
            failures=int(data["failures"]),
            duration_seconds=float(data["duration_seconds"]),
            failing_tests=tuple(str(name) for name in data["failing_tests"]),
            failing_tests_omitted=int(data["failing_tests_omitted"]),
        )
