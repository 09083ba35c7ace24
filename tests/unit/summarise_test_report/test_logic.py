"""What is told of a report: the summary that is kept, and the event that announces it."""

import json
from pathlib import Path

import pytest

from functions.summarise_test_report.logic import published, summary
from functions.summarise_test_report.model import Case, Report
from functions.summarise_test_report.parser import parse

CONTRACT = Path(__file__).parents[3] / "events" / "report.published" / "1.schema.json"


def failing(name: str = "test_discount", classname: str = "shop.test_basket") -> Case:
    """Return a test that failed."""
    return Case(name=name, classname=classname, suite="shop", outcome="failed", seconds=0.2, message="80 is not 90")


def report(*cases: Case, failed: int | None = None) -> Report:
    """Return a report of two green tests, one that was skipped, one that broke, and those that failed."""
    failed = len(cases) if failed is None else failed
    return Report(suites=1, passed=2, failed=failed, errors=1, skipped=1, seconds=1.23456, failing=cases)


def test_a_summary_holds_the_counts_and_the_failing_tests() -> None:
    """All that an investigator needs without the report."""
    assert summary(report(failing()), "s3://outputs/reports/build-118.xml") == {
        "report": "s3://outputs/reports/build-118.xml",
        "tests": 5,
        "passed": 2,
        "failed": 1,
        "errors": 1,
        "skipped": 1,
        "suites": 1,
        "duration_seconds": 1.235,
        "failing": [
            {
                "name": "test_discount",
                "classname": "shop.test_basket",
                "suite": "shop",
                "outcome": "failed",
                "message": "80 is not 90",
            }
        ],
        "failing_omitted": 1,
    }


def test_the_event_holds_the_counts_and_names_the_failing_tests() -> None:
    """All that a reader of the event needs to tell people."""
    assert published(report(failing())) == {
        "tests": 5,
        "passed": 2,
        "failed": 1,
        "errors": 1,
        "skipped": 1,
        "failures": 2,
        "duration_seconds": 1.235,
        "failing_tests": ["shop.test_basket.test_discount"],
        "failing_tests_omitted": 1,
    }


def test_the_event_has_the_fields_of_its_contract() -> None:
    """No field that the contract lacks, none that it requires left out."""
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    assert set(published(report())) == set(contract["required"]) == set(contract["properties"])


@pytest.mark.parametrize(
    ("classname", "name", "expected"),
    [
        ("shop", "pays", "shop.pays"),
        ("", "tests.test_broken", "tests.test_broken"),
        ("com.example.Basket", "", "com.example.Basket"),
        ("basket pays", "basket pays", "basket pays"),
        ("shop", "pays\n  by card", "shop.pays by card"),
        ("c" * 150, "n" * 49, f"{'c' * 150}.{'n' * 49}"),
        ("c" * 150, "n" * 50, f"{'c' * 150}.{'n' * 48}…"),
    ],
)
def test_a_failing_test_is_named_in_one_line(classname: str, name: str, expected: str) -> None:
    """Class and name, neither repeated nor left empty, in at most 200 characters."""
    assert published(report(failing(name, classname)))["failing_tests"] == [expected]


@pytest.mark.parametrize("letter", ["x", "ü", "漢", "😀", '"', "\\", "\x01"])
def test_the_event_stays_under_32_kb(letter: str) -> None:
    """However many tests failed and whatever script their names are in."""
    data = published(report(*[failing(letter * 500)] * 200, failed=10**9))
    assert len(json.dumps(data, ensure_ascii=False).encode()) < 32 * 1024
    assert data["failing_tests_omitted"] == 10**9 + 1 - 20


def test_a_report_becomes_json() -> None:
    """A report read from XML becomes JSON, durations that are no number included."""
    read = parse(b"<testsuite name='a' errors='2'><testcase time='NaN'/><testcase time='1e8'/></testsuite>")
    for data in (summary(read, "s3://outputs/reports/a.xml"), published(read)):
        assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert published(read)["failing_tests"] == ["a"]
