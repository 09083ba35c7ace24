"""One suite while its elements are read, and the totals of its attributes."""

from dataclasses import dataclass
from typing import Final

from functions.summarise_test_report.model import Case

COUNT_DIGITS: Final = 9


@dataclass(slots=True, kw_only=True)
class Suite:
    """An open suite: the values of its own attributes, and the totals of its cases and inner suites so far."""

    name: str
    admitted: int
    own_seconds: float | None
    shown: int = 0
    seconds: float | None = None
    has_cases: bool = False

    @property
    def label(self) -> str:
        """The name, or a placeholder for a suite without one."""
        return self.name or "(unnamed suite)"


def unshown_case(suite: Suite) -> Case:
    """Return the case that stands for failures which only the suite's totals show."""
    message = f"the suite counts {suite.admitted} failures and errors, but no test case shows one"
    return Case(name=suite.label, classname="", suite=suite.name, outcome="error", seconds=0.0, message=message)


def add_seconds(total: float | None, seconds: float | None) -> float | None:
    """Return the sum of two times; None if both are unknown."""
    return total if seconds is None else (total or 0.0) + seconds


def number(text: str) -> int:
    """Return the count in an attribute, 0 if it is not a number."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= COUNT_DIGITS else 0
