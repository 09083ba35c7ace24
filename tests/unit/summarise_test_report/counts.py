"""The counts of a report in one value, to compare."""

from pathlib import Path
from typing import Final

from functions.summarise_test_report.model import Report
from functions.summarise_test_report.parser import parse

REPORTS: Final = Path(__file__).parent / "reports"


def counts(report: Report) -> tuple[int, int, int, int, int]:
    """Return suites, passed, failed, errors and skipped."""
    return report.suites, report.passed, report.failed, report.errors, report.skipped


def one(case: str) -> Report:
    """Read a suite called `basket` with what it has inside."""
    return parse(f'<testsuite name="basket">{case}</testsuite>'.encode())
