"""The summary of a report, and the data of its event."""

from typing import Final

from functions.runtime.core.text import cut
from functions.summarise_test_report.model import Case, Report

FAILING_NAMED: Final = 20
NAME_LENGTH: Final = 200  # 20 names of 200 characters keep the event under 32 KB in any script


def summary(report: Report, subject: str) -> dict[str, object]:
    """Return the summary of a report as JSON-ready values; `subject` is the report's `s3://` URI."""
    return {
        "report": subject,
        "tests": report.tests,
        "passed": report.passed,
        "failed": report.failed,
        "errors": report.errors,
        "skipped": report.skipped,
        "suites": report.suites,
        "duration_seconds": round(report.seconds, 3),
        "failing": [_failing(case) for case in report.failing],
        "failing_omitted": report.failing_total - len(report.failing),
    }


def published(report: Report) -> dict[str, object]:
    """Return the data of `report.published`: under 32 KB as UTF-8 JSON."""
    names = [_full_name(case) for case in report.failing[:FAILING_NAMED]]
    return {
        "tests": report.tests,
        "passed": report.passed,
        "failed": report.failed,
        "errors": report.errors,
        "skipped": report.skipped,
        "failures": report.failing_total,
        "duration_seconds": round(report.seconds, 3),
        "failing_tests": names,
        "failing_tests_omitted": report.failing_total - len(names),
    }


def _failing(case: Case) -> dict[str, object]:
    return {
        "name": case.name,
        "classname": case.classname,
        "suite": case.suite,
        "outcome": case.outcome,
        "message": case.message,
    }


def _full_name(case: Case) -> str:
    # pytest writes no class for a module that cannot be imported; jest-junit writes the name into both.
    parts = dict.fromkeys(part for part in (case.classname, case.name) if part)
    name = " ".join(".".join(parts).split())
    return cut(name, NAME_LENGTH)
