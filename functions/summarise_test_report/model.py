"""What a JUnit XML report says.

JUnit XML is no standard but a family of dialects, and their totals disagree: absent, doubled by nesting, or with every
rerun in. So the test cases themselves are counted, and totals are heard only where they admit more than the cases show.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal
from xml.etree import ElementTree

type Outcome = Literal["passed", "failed", "error", "skipped"]

FAILING_KEPT: Final = 200
MESSAGE_LENGTH: Final = 200
NAME_LENGTH: Final = 500
DEPTH_LIMIT: Final = 1_000  # expat and we remember every open element; real reports nest under twenty
CHUNK_BYTES: Final = 64 * 1024

SUITES: Final = frozenset({"testsuites", "testsuite"})
OUTCOMES: Final[dict[str, Outcome]] = {"failure": "failed", "error": "error", "skipped": "skipped"}
# Surefire and Gradle count every failed attempt in the suite's totals, those of a test that passed in the end included
# (Gradle: JUnitXmlResultWriter, "these totals are unaffected by merge reruns").
ATTEMPTS: Final = frozenset({"failure", "error", "rerunFailure", "rerunError", "flakyFailure", "flakyError"})
NOT_RUN: Final = frozenset({"notrun", "disabled", "skipped"})  # GoogleTest and CTest say it in the attribute `status`

THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")  # Surefire: "1,234.56"
LONGEST_SECONDS: Final = 1e9  # over 31 years: no duration but a mistake


class MalformedReportError(ValueError):
    """The content is not a JUnit report; the message says what is wrong and, where expat tells, in which line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test; `seconds` is 0 where the report does not tell, `message` one line of at most 200 characters."""

    name: str
    classname: str
    suite: str
    outcome: Outcome
    seconds: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The counts of a report, the seconds its tests took, and the first 200 of the tests that failed."""

    suites: int
    passed: int
    failed: int
    errors: int
    skipped: int
    seconds: float
    failing: tuple[Case, ...]

    @property
    def tests(self) -> int:
        """All tests, whatever became of them."""
        return self.passed + self.failed + self.errors + self.skipped

    @property
    def failures(self) -> int:
        """The tests that failed or broke."""
        return self.failed + self.errors


@dataclass(slots=True, kw_only=True)
class _Suite:
    """A suite being read: what its totals admit, and what its cases and inner suites have shown so far."""

    name: str
    admitted: int
    own_seconds: float | None
    shown: int = 0
    seconds: float | None = None
    has_suites: bool = False


@dataclass(slots=True, kw_only=True)
class _Case:
    """A test case being read; `depth` is the number of elements open while it is the innermost."""

    name: str
    classname: str
    seconds: float | None
    depth: int
    outcome: Outcome
    message: str = ""
    listening: bool = False


def parse(content: bytes) -> Report:
    """Read a report in memory that does not grow with its test cases; MalformedReportError where it is none."""
    if not content:
        message = "the report is empty (0 bytes)"
        raise MalformedReportError(message)
    parser = ElementTree.XMLParser(target=_Reader())  # noqa: S314 - _Reader refuses the DTD that every XML bomb needs
    view = memoryview(content)
    try:
        # expat goes on to the end of what it was fed before an error of the target comes out: so it gets small pieces.
        for start in range(0, len(view), CHUNK_BYTES):
            parser.feed(view[start : start + CHUNK_BYTES])
        report: Report = parser.close()
    except MalformedReportError:
        raise
    except ElementTree.ParseError as error:
        message = f"not well-formed XML: {str(error).removeprefix('not well-formed ')}"
        raise MalformedReportError(message) from error
    except (LookupError, ValueError) as error:  # from the codec of the declared encoding
        message = f"the encoding cannot be read: {error}"
        raise MalformedReportError(message) from error
    return report


class _Reader:
    """The target of an XMLParser: keeps what is open, the counts and the first failing cases, never the document."""

    def __init__(self) -> None:
        self._depth = 0
        self._open: list[_Suite] = []
        self._case: _Case | None = None
        self._counts: dict[Outcome, int] = {"passed": 0, "failed": 0, "error": 0, "skipped": 0}
        self._failing: list[Case] = []
        self._suites = 0
        self._seconds = 0.0

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Refuse a DTD: no report needs one, every entity bomb and every external entity does."""
        message = "a document type declaration is refused: a report needs none"
        raise MalformedReportError(message)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open a suite or a case, or learn what became of the open case."""
        self._depth += 1
        name = tag.rpartition("}")[2]
        if self._depth > DEPTH_LIMIT:
            message = f"elements nest deeper than {DEPTH_LIMIT:,} levels"
            raise MalformedReportError(message)
        if not self._open and name not in SUITES:
            message = f"not a JUnit report: the root element is <{_cut(name, MESSAGE_LENGTH)}>"
            raise MalformedReportError(message)
        if self._case:
            self._judge(self._case, name, attributes)
        elif name in SUITES:
            self._open_suite(name, attributes)
        elif name == "testcase":
            self._case = self._new_case(attributes)

    def data(self, text: str) -> None:
        """Take the text of a failure without a message, until its first line is long enough."""
        case = self._case
        if case and case.listening and len(case.message) < NAME_LENGTH:
            case.message = (case.message + text).lstrip()[:NAME_LENGTH]

    def end(self, tag: str) -> None:
        """Close the case or the suite that ends here."""
        self._depth -= 1
        if self._case is None:
            if tag.rpartition("}")[2] in SUITES:
                self._close_suite(self._open.pop())
        elif self._depth < self._case.depth:
            self._close_case(self._case, self._open[-1])
            self._case = None
        elif self._depth == self._case.depth:
            self._case.listening = False

    def close(self) -> Report:
        """Return what was read."""
        return Report(
            suites=self._suites,
            passed=self._counts["passed"],
            failed=self._counts["failed"],
            errors=self._counts["error"],
            skipped=self._counts["skipped"],
            seconds=self._seconds,
            failing=tuple(self._failing),
        )

    def _new_case(self, attributes: dict[str, str]) -> _Case:
        return _Case(
            name=_cut(attributes.get("name", ""), NAME_LENGTH),
            classname=_cut(attributes.get("classname", ""), NAME_LENGTH),
            seconds=_duration(attributes.get("time", "")),
            depth=self._depth,
            outcome="skipped" if attributes.get("status") in NOT_RUN else "passed",
        )

    def _judge(self, case: _Case, name: str, attributes: dict[str, str]) -> None:
        self._open[-1].shown += name in ATTEMPTS
        outcome = OUTCOMES.get(name)
        if outcome is None or case.outcome in {"failed", "error"}:  # the first thing that went wrong decides
            return
        case.outcome = outcome
        case.message = _line(attributes.get("message", ""))
        case.listening = not case.message

    def _close_case(self, case: _Case, suite: _Suite) -> None:
        suite.seconds = _sum(suite.seconds, case.seconds)
        self._counts[case.outcome] += 1
        if case.outcome in {"failed", "error"}:
            self._keep(case, suite)

    def _open_suite(self, name: str, attributes: dict[str, str]) -> None:
        self._suites += name == "testsuite"
        if self._open:
            self._open[-1].has_suites = True
        self._open.append(
            _Suite(
                name=_cut(attributes.get("name", ""), NAME_LENGTH),
                admitted=_count(attributes.get("failures", "")) + _count(attributes.get("errors", "")),
                own_seconds=_duration(attributes.get("time", "")),
            )
        )

    def _close_suite(self, suite: _Suite) -> None:
        # Parents add up their children, some twice: theirs are heard only if nothing below shows a failure.
        surplus = 0 if suite.has_suites and suite.shown else max(0, suite.admitted - suite.shown)
        if surplus:
            self._counts["error"] += surplus
            self._keep(_silent(suite), suite)
        seconds = suite.own_seconds if suite.seconds is None else suite.seconds
        if self._open:
            self._open[-1].shown += suite.shown + surplus
            self._open[-1].seconds = _sum(self._open[-1].seconds, seconds)
        else:
            self._seconds = seconds or 0.0

    def _keep(self, case: _Case, suite: _Suite) -> None:
        if len(self._failing) < FAILING_KEPT:
            self._failing.append(
                Case(
                    name=case.name,
                    classname=case.classname,
                    suite=suite.name,
                    outcome=case.outcome,
                    seconds=case.seconds or 0.0,
                    message=_line(case.message.partition("\n")[0]),
                )
            )


def _silent(suite: _Suite) -> _Case:
    message = f"the suite counts {suite.admitted} failures and errors, its test cases show {suite.shown}"
    name = suite.name or "(a suite without a name)"
    return _Case(name=name, classname="", seconds=None, depth=0, outcome="error", message=message)


def _sum(total: float | None, seconds: float | None) -> float | None:
    return total if seconds is None else (total or 0.0) + seconds


def _duration(text: str) -> float | None:
    """Return seconds; None where the text is no duration, so that a mistake is not added up."""
    text = text.strip()
    try:
        seconds = float(text.replace(",", "") if THOUSANDS.fullmatch(text) else text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < LONGEST_SECONDS else None


def _count(text: str) -> int:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= COUNT_DIGITS else 0


def _line(text: str) -> str:
    return _cut(" ".join(text[:RAW_LENGTH].split()), MESSAGE_LENGTH)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
