"""The contents of a test report: its totals and its failing tests."""

from dataclasses import dataclass
from typing import Literal

type Outcome = Literal["passed", "failed", "error", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test; `seconds` is 0 if the report has no time, `message` is one line of at most 200 characters."""

    name: str
    classname: str
    suite: str
    outcome: Outcome
    seconds: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The number of tests per outcome, their total time in seconds, and the first 200 that failed or had an error.

    `errors` includes `suite_errors`: suites that count failures although none of their test cases shows one. They are
    not tests.
    """

    suites: int
    passed: int
    failed: int
    errors: int
    skipped: int
    seconds: float
    failing: tuple[Case, ...]
    suite_errors: int = 0

    @property
    def tests(self) -> int:
        """The number of tests with any outcome."""
        return self.passed + self.failed + self.errors + self.skipped - self.suite_errors

    @property
    def failing_total(self) -> int:
        """The number of tests that failed or had an error, including those that `failing` omits."""
        return self.failed + self.errors
