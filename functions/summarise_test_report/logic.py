"""What is told of a report: a summary to keep, and the event that announces it."""

import hashlib
import re
from typing import Final

from functions.summarise_test_report.model import Case, Report

FAILING_NAMED: Final = 20
NAME_LENGTH: Final = 200  # 20 names of 200 characters keep the event under 32 KB, whatever the script
KEY_BYTES: Final = 1_024  # the longest key S3 takes
CUT_KEY: Final = re.compile(r"~[0-9a-f]{16}\Z")


def summary(report: Report, subject: str) -> dict[str, object]:
    """Return the summary of a report as JSON-ready values; `subject` names the report, durations are in seconds."""
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
    """Return the data of `report.published`, under 32 KB as UTF-8 JSON."""
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


def summary_key(key: str) -> str:
    """Return the key of the summary of the report at `key`: at most 1,024 bytes, different for different keys."""
    # A report whose own key looks like one that was cut is marked as well, or the two could meet.
    if len(f"{key}.json".encode()) <= KEY_BYTES and not CUT_KEY.search(key):
        return f"{key}.json"
    mark = f"~{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    return key.encode()[: KEY_BYTES - len(mark)].decode(errors="ignore") + mark


def _failing(case: Case) -> dict[str, object]:
    return {
        "name": case.name,
        "classname": case.classname,
        "suite": case.suite,
        "outcome": case.outcome,
        "message": case.message,
    }


def _full_name(case: Case) -> str:
    # pytest leaves the class of a broken module empty; jest-junit writes the same into both.
    parts = dict.fromkeys(part for part in (case.classname, case.name) if part)
    name = " ".join(".".join(parts).split())
    return name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - 1] + "…"
