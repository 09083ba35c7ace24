"""Reads the elements of a JUnit XML report.

JUnit XML is not a standard but a family of dialects, and their totals disagree: they are missing, doubled by nested
suites, include every rerun, or count assertions instead of tests. So the reader counts the test cases. The totals of a
suite count only if it has no test case. If a suite has test cases and only its totals show failures, the suite counts
as one error and not as a test.
"""

from dataclasses import replace
from typing import Final

from functions.runtime.core.errors import MalformedError
from functions.runtime.core.text import cut
from functions.summarise_test_report.durations import NumberFormat
from functions.summarise_test_report.model import Case, Outcome, Report
from functions.summarise_test_report.suites import Suite, add_seconds, number, unshown_case

FAILING_KEPT: Final = 200
MESSAGE_LENGTH: Final = 200
NAME_LENGTH: Final = 500
DEPTH_LIMIT: Final = (
    1_000  # each open element uses memory, here and in expat; real reports have fewer than twenty levels
)

SUITES: Final = frozenset({"testsuites", "testsuite"})
FAILING: Final = frozenset({"failed", "error"})
OUTCOMES: Final[dict[str, Outcome]] = {"failure": "failed", "error": "error", "skipped": "skipped"}
# The totals of Surefire and Gradle include every failed attempt, also of a test that passed in the end.
# Source: Gradle's JUnitXmlResultWriter, "these totals are unaffected by merge reruns with Surefire, so we do the same".
ATTEMPTS: Final = frozenset({"failure", "error", "rerunFailure", "rerunError", "flakyFailure", "flakyError"})
NOT_RUN: Final = frozenset({"notrun", "disabled", "skipped"})  # values of GoogleTest's and CTest's attribute `status`


class Reader:
    """The target of an XMLParser. It keeps the open suites and case, the counts and the first failing cases."""

    def __init__(self, numbers: NumberFormat) -> None:
        """Read times with `numbers`, which learns the number format from them."""
        self._numbers = numbers
        self._depth = 0
        self._open: list[Suite] = []
        self._case: Case | None = None
        self._case_depth = 0
        self._text: str | None = None
        self._suites = self._suite_errors = 0
        self._seconds = 0.0
        self._counts: dict[Outcome, int] = {"passed": 0, "failed": 0, "error": 0, "skipped": 0}
        self._failing: list[Case] = []

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Refuse a DTD: attacks with nested entities need one, reports do not."""
        raise MalformedError("the report", "has a document type declaration, which is not allowed")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        self._depth += 1
        name = tag.rpartition("}")[2]
        if self._depth > DEPTH_LIMIT:
            raise MalformedError("the report", f"has elements that nest more than {DEPTH_LIMIT:,} deep")
        if not self._open and name not in SUITES:
            raise MalformedError("the root element", f"is <{cut(name, MESSAGE_LENGTH)}>: this is not a JUnit report")
        if self._case:
            self._judge(self._case, name, attributes)
        elif name in SUITES:
            self._open_suite(name, attributes)
        elif name == "testcase":
            self._open_case(self._open[-1], attributes)
        elif OUTCOMES.get(name) in FAILING:  # Ant writes no case for a test class that cannot be loaded
            self._judge(self._open_case(self._open[-1], {"name": self._open[-1].label}), name, attributes)

    def data(self, text: str) -> None:
        """Collect the text of a failure that has no `message` attribute."""
        if self._text is not None and len(self._text) < NAME_LENGTH:
            self._text = (self._text + text).lstrip()[:NAME_LENGTH]

    def end(self, tag: str) -> None:
        """Close an element."""
        self._depth -= 1
        if self._case is None:
            if tag.rpartition("}")[2] in SUITES:
                self._close_suite(self._open.pop())
            return
        if self._text is not None and self._depth <= self._case_depth:
            self._case = replace(self._case, message=_line(self._text.partition("\n")[0]))
            self._text = None
        if self._depth < self._case_depth:
            self._count(self._case)
            self._case = None

    def close(self) -> Report:
        """Return the report at the end of the document."""
        return Report(
            suites=self._suites,
            suite_errors=self._suite_errors,
            passed=self._counts["passed"],
            failed=self._counts["failed"],
            errors=self._counts["error"],
            skipped=self._counts["skipped"],
            seconds=self._seconds,
            failing=tuple(self._failing),
        )

    def _open_suite(self, tag: str, attributes: dict[str, str]) -> None:
        self._suites += tag == "testsuite"
        suite = Suite(
            name=cut(attributes.get("name", ""), NAME_LENGTH),
            admitted=number(attributes.get("failures", "")) + number(attributes.get("errors", "")),
            own_seconds=self._numbers.read(attributes.get("time", "")),
        )
        self._open.append(suite)

    def _open_case(self, suite: Suite, attributes: dict[str, str]) -> Case:
        seconds = self._numbers.read(attributes.get("time", ""))
        suite.seconds, suite.has_cases = add_seconds(suite.seconds, seconds), True
        self._case_depth = self._depth
        self._case = Case(
            name=cut(attributes.get("name", ""), NAME_LENGTH),
            classname=cut(attributes.get("classname", ""), NAME_LENGTH),
            suite=suite.name,
            outcome="skipped" if attributes.get("status") in NOT_RUN else "passed",
            seconds=seconds or 0.0,
            message="",
        )
        return self._case

    def _judge(self, case: Case, tag: str, attributes: dict[str, str]) -> None:
        self._open[-1].shown += tag in ATTEMPTS
        outcome = OUTCOMES.get(tag)
        # The first failure decides; later ones are its consequences.
        if outcome and case.outcome not in FAILING:
            message = _line(attributes.get("message", ""))
            self._case = replace(case, outcome=outcome, message=message)
            self._text = None if message else ""

    def _count(self, case: Case, times: int = 1) -> None:
        self._counts[case.outcome] += times
        if case.outcome in FAILING and len(self._failing) < FAILING_KEPT:
            self._failing.append(case)

    def _close_suite(self, suite: Suite) -> None:
        # Totals may count assertions or attempts, or include inner suites once or twice. They are ignored when a test
        # case shows a failure. In a suite without test cases, only the totals are known.
        unshown = 0 if suite.shown else suite.admitted
        if unshown and suite.has_cases:
            unshown = 1
            self._suite_errors += 1
        if unshown:
            self._count(unshown_case(suite), unshown)
        seconds = suite.own_seconds if suite.seconds is None else suite.seconds
        if self._open:
            self._open[-1].shown += suite.shown + unshown
            self._open[-1].has_cases |= suite.has_cases
            self._open[-1].seconds = add_seconds(self._open[-1].seconds, seconds)
        else:
            self._seconds = seconds or 0.0


def _line(text: str) -> str:
    return cut(" ".join(text[: 2 * NAME_LENGTH].split()), MESSAGE_LENGTH)
