"""What a JUnit XML report says.

JUnit XML is no standard but a family of dialects, and their totals disagree: absent, doubled by nesting, with every
rerun in, or of assertions instead of tests. So the test cases themselves are counted. A suite's totals count only where
it has no test case; where it has some, and totals alone tell of failures, the suite is one error, and no test.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final, Literal
from xml.etree import ElementTree as ET

type Outcome = Literal["passed", "failed", "error", "skipped"]

FAILING_KEPT: Final = 200
MESSAGE_LENGTH: Final = 200
NAME_LENGTH: Final = 500
DEPTH_LIMIT: Final = 1_000  # every open element costs memory, here and in expat; real reports nest under twenty deep
CHUNK_BYTES: Final = 64 * 1024

SUITES: Final = frozenset({"testsuites", "testsuite"})
FAILING: Final = frozenset({"failed", "error"})
OUTCOMES: Final[dict[str, Outcome]] = {"failure": "failed", "error": "error", "skipped": "skipped"}
# The totals of Surefire and Gradle have every failed attempt in, also those of a test that passed in the end.
# Source: Gradle's JUnitXmlResultWriter, "these totals are unaffected by merge reruns with Surefire, so we do the same".
ATTEMPTS: Final = frozenset({"failure", "error", "rerunFailure", "rerunError", "flakyFailure", "flakyError"})
NOT_RUN: Final = frozenset({"notrun", "disabled", "skipped"})  # GoogleTest and CTest say it in the attribute `status`

LONGEST_SECONDS: Final = 1e9  # over 31 years: a mistake, not a duration
LONGEST_TEXT: Final = 64
# Spaces and apostrophes group digits and never separate a fraction.
# Source: Unicode CLDR, "Number Symbols": space, no-break, thin and narrow no-break space, ' and its typographic form.
NEUTRAL_GROUPS: Final = re.compile("[0-9]{1,3}(?:[ \u00a0\u2009\u202f'\u2019][0-9]{3})+(?:[.,][0-9]*)?")
NEUTRAL: Final = re.compile("[ \u00a0\u2009\u202f'\u2019]")
BELOW_ONE: Final = re.compile(r"0\.[0-9]{1,9}")  # most times are: they are read without what follows
NUMBER: Final = re.compile(r"\+?([0-9.,]*[0-9][0-9.,]*)([eE][-+]?[0-9]{1,3})?")
# Groups have three digits; Indian ones have two, but for the last.
GROUPED: Final = {
    mark: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{2,3}})*{re.escape(mark)}[0-9]{{3}}") for mark in ",."
}
AMBIGUOUS: Final = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
OTHER: Final = {",": ".", ".": ","}
COUNT_DIGITS: Final = 9


class MalformedReportError(ValueError):
    """The content is not a JUnit report; the message says what is wrong and, where expat knows, in which line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test; `seconds` is 0 where the report does not say, `message` is one line of at most 200 characters."""

    name: str
    classname: str
    suite: str
    outcome: Outcome
    seconds: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How many tests a report has of each outcome, the seconds they took, and the first 200 that failed or broke.

    `suite_errors` of the errors are suites that count failures which none of their test cases shows: they are no tests.
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
        """All tests, whatever became of them."""
        return self.passed + self.failed + self.errors + self.skipped - self.suite_errors

    @property
    def failing_total(self) -> int:
        """The tests that failed or broke, kept in `failing` or not."""
        return self.failed + self.errors


@dataclass(slots=True, kw_only=True)
class _NumberFormat:
    """What `.` and `,` mean in the times of one report: a locale wrote them all, as `1,234.5`, `1.234,5` or `1 234,5`.

    `decimal` and `grouping` are the marks that certainly separate a fraction or groups of digits, `ambiguous` those of
    numbers such as `12,345`. These are read as grouped where their mark is in `assumed`, otherwise as decimal.
    """

    assumed: frozenset[str] = frozenset()
    decimal: set[str] = field(default_factory=set)
    grouping: set[str] = field(default_factory=set)
    ambiguous: set[str] = field(default_factory=set)

    def inferred(self) -> frozenset[str]:
        """Return the marks of ambiguous numbers that group digits, by all times that were read."""
        return frozenset(mark for mark in self.ambiguous if mark not in self.decimal and self._groups(mark))

    def _groups(self, mark: str) -> bool:
        if mark in self.grouping or OTHER[mark] in self.decimal:
            return True
        return mark == "," and "." in self.ambiguous  # JUnit's schemas want a point: where there is one, it is decimal

    def read(self, text: str) -> float | None:
        """Return the seconds that a text stands for, None where it is no duration."""
        text = text.strip()
        if BELOW_ONE.fullmatch(text):
            self.decimal.add(".")
            return float(text)
        if len(text) > LONGEST_TEXT:
            return None
        grouped = NEUTRAL_GROUPS.fullmatch(text) is not None
        number = NUMBER.fullmatch(NEUTRAL.sub("", text) if grouped else text)
        if number is None:
            return None
        mantissa, exponent = number[1], number[2] or ""
        plain = self._plain(mantissa, is_decimal=grouped or bool(exponent))
        seconds = None if plain is None else float(plain + exponent)
        return seconds if seconds is not None and seconds < LONGEST_SECONDS else None

    def _plain(self, mantissa: str, *, is_decimal: bool) -> str | None:
        """Return digits with a decimal point and no groups; `is_decimal` says that a mark cannot group them."""
        mark = max(",.", key=mantissa.rfind)  # the last one, if there is any
        whole, found, fraction = mantissa.rpartition(mark)
        if not found:
            return mantissa
        if OTHER[mark] in whole:
            return self._with_both(whole, fraction, mark)
        if mark in whole:
            if is_decimal or not GROUPED[mark].fullmatch(mantissa):
                return None
            self.grouping.add(mark)
            return mantissa.replace(mark, "")
        if is_decimal or not AMBIGUOUS.fullmatch(mantissa):
            self.decimal.add(mark)
            return f"{whole}.{fraction}"
        self.ambiguous.add(mark)
        return whole + fraction if mark in self.assumed else f"{whole}.{fraction}"

    def _with_both(self, whole: str, fraction: str, mark: str) -> str | None:
        other = OTHER[mark]
        if not GROUPED[other].fullmatch(whole):
            return None
        self.decimal.add(mark)
        self.grouping.add(other)
        return f"{whole.replace(other, '')}.{fraction}"


def parse(content: bytes) -> Report:
    """Read a report in memory that does not grow with its test cases; MalformedReportError where it is none."""
    if not content:
        raise MalformedReportError("the report is empty (0 bytes)")
    numbers = _NumberFormat()
    try:
        report = _read(memoryview(content), numbers)
        grouping = numbers.inferred()
        # An ambiguous time may come before those that tell how to read it.
        return _read(memoryview(content), _NumberFormat(assumed=grouping)) if grouping else report
    except MalformedReportError:
        raise
    except ET.ParseError as error:
        raise MalformedReportError(f"not well-formed XML: {str(error).removeprefix('not well-formed ')}") from error
    except (LookupError, ValueError) as error:  # what Python's codec of the declared encoding raises
        raise MalformedReportError(f"the encoding cannot be read: {error}") from error


def _read(content: memoryview, numbers: _NumberFormat) -> Report:
    parser: ET.XMLParser[Report] = ET.XMLParser(target=_Reader(numbers))  # noqa: S314 - _Reader refuses the DTD XML bombs need
    # What the target raises comes out only at the end of what expat was fed. The first pieces are tiny, so that a DTD
    # is refused before its entities are used; behind a long comment, expat's own limit of 8 MiB of expansion holds.
    start, size = 0, 16
    while start < len(content):
        parser.feed(content[start : start + size])
        start, size = start + size, min(2 * size, CHUNK_BYTES)
    return parser.close()


@dataclass(slots=True, kw_only=True)
class _Suite:
    """An open suite: what its own attributes say, and what its cases and inner suites have shown so far."""

    name: str
    admitted: int
    own_seconds: float | None
    shown: int = 0
    seconds: float | None = None
    has_cases: bool = False

    @property
    def label(self) -> str:
        return self.name or "(unnamed suite)"


class _Reader:
    """The target of an XMLParser: keeps the open suites and case, the counts and the first failing cases, no tree."""

    def __init__(self, numbers: _NumberFormat) -> None:
        self._numbers = numbers
        self._depth = 0
        self._open: list[_Suite] = []
        self._case: Case | None = None
        self._case_depth = 0
        self._heard: str | None = None
        self._suites = self._suite_errors = 0
        self._seconds = 0.0
        self._counts: dict[Outcome, int] = {"passed": 0, "failed": 0, "error": 0, "skipped": 0}
        self._failing: list[Case] = []

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise MalformedReportError(
            "a document type declaration is refused: no report needs one, every entity bomb does"
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        name = tag.rpartition("}")[2]
        if self._depth > DEPTH_LIMIT:
            raise MalformedReportError(f"the elements nest more than {DEPTH_LIMIT:,} deep")
        if not self._open and name not in SUITES:
            raise MalformedReportError(f"not a JUnit report: the root element is <{_cut(name, MESSAGE_LENGTH)}>")
        if self._case:
            self._judge(self._case, name, attributes)
        elif name in SUITES:
            self._open_suite(name, attributes)
        elif name == "testcase":
            self._open_case(self._open[-1], attributes)
        elif OUTCOMES.get(name) in FAILING:  # Ant: a test class that could not be loaded has no case
            self._judge(self._open_case(self._open[-1], {"name": self._open[-1].label}), name, attributes)

    def data(self, text: str) -> None:
        if self._heard is not None and len(self._heard) < NAME_LENGTH:
            self._heard = (self._heard + text).lstrip()[:NAME_LENGTH]

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._case is None:
            if tag.rpartition("}")[2] in SUITES:
                self._close_suite(self._open.pop())
            return
        if self._heard is not None and self._depth <= self._case_depth:
            self._case = replace(self._case, message=_line(self._heard.partition("\n")[0]))
            self._heard = None
        if self._depth < self._case_depth:
            self._count(self._case)
            self._case = None

    def close(self) -> Report:
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
        suite = _Suite(
            name=_cut(attributes.get("name", ""), NAME_LENGTH),
            admitted=_number(attributes.get("failures", "")) + _number(attributes.get("errors", "")),
            own_seconds=self._numbers.read(attributes.get("time", "")),
        )
        self._open.append(suite)

    def _open_case(self, suite: _Suite, attributes: dict[str, str]) -> Case:
        seconds = self._numbers.read(attributes.get("time", ""))
        suite.seconds, suite.has_cases = _sum(suite.seconds, seconds), True
        self._case_depth = self._depth
        self._case = Case(
            name=_cut(attributes.get("name", ""), NAME_LENGTH),
            classname=_cut(attributes.get("classname", ""), NAME_LENGTH),
            suite=suite.name,
            outcome="skipped" if attributes.get("status") in NOT_RUN else "passed",
            seconds=seconds or 0.0,
            message="",
        )
        return self._case

    def _judge(self, case: Case, tag: str, attributes: dict[str, str]) -> None:
        self._open[-1].shown += tag in ATTEMPTS
        outcome = OUTCOMES.get(tag)
        # The first thing that went wrong decides; whatever follows is its wake.
        if outcome and case.outcome not in FAILING:
            message = _line(attributes.get("message", ""))
            self._case = replace(case, outcome=outcome, message=message)
            self._heard = None if message else ""

    def _count(self, case: Case, times: int = 1) -> None:
        self._counts[case.outcome] += times
        if case.outcome in FAILING and len(self._failing) < FAILING_KEPT:
            self._failing.append(case)

    def _close_suite(self, suite: _Suite) -> None:
        # Totals may count assertions or attempts, or add those of inner suites up, even twice: once a failure was
        # shown, they tell nothing more. Of a suite without any test case they are all there is.
        unshown = 0 if suite.shown else suite.admitted
        if unshown and suite.has_cases:
            unshown = 1
            self._suite_errors += 1
        if unshown:
            self._count(_unshown(suite), unshown)
        seconds = suite.own_seconds if suite.seconds is None else suite.seconds
        if self._open:
            self._open[-1].shown += suite.shown + unshown
            self._open[-1].has_cases |= suite.has_cases
            self._open[-1].seconds = _sum(self._open[-1].seconds, seconds)
        else:
            self._seconds = seconds or 0.0


def _unshown(suite: _Suite) -> Case:
    message = f"the suite counts {suite.admitted} failures and errors, its test cases show none"
    return Case(name=suite.label, classname="", suite=suite.name, outcome="error", seconds=0.0, message=message)


def _sum(total: float | None, seconds: float | None) -> float | None:
    return total if seconds is None else (total or 0.0) + seconds


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= COUNT_DIGITS else 0


def _line(text: str) -> str:
    return _cut(" ".join(text[: 2 * NAME_LENGTH].split()), MESSAGE_LENGTH)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
