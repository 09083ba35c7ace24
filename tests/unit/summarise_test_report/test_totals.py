"""The totals and times that the suites of a report state."""

from xml.sax.saxutils import quoteattr

import pytest

from functions.summarise_test_report.parser import parse
from tests.unit.summarise_test_report.counts import one


@pytest.mark.parametrize(
    ("content", "errors", "named"),
    [
        ("<testsuite name='a' errors='1'/>", 1, ["a"]),
        ("<testsuite name='a' errors='1' failures='2'><testcase/></testsuite>", 1, ["a"]),
        ("<testsuites name='all' failures='2'><testsuite name='a'><testcase/></testsuite></testsuites>", 1, ["all"]),
        ("<testsuites errors='1'><testsuite name='a' errors='1'/></testsuites>", 1, ["a"]),
        ("<testsuites errors='2'><testsuite name='a' errors='1'><testcase/></testsuite></testsuites>", 1, ["a"]),
        ("<testsuite errors=' 3 '/>", 3, ["(unnamed suite)"]),
    ],
)
def test_a_suite_that_admits_more_than_its_cases_show_is_not_green(content: str, errors: int, named: list[str]) -> None:
    """Without a test case the totals are all there is; beside cases that passed the suite itself is one error."""
    report = parse(content.encode())
    assert report.errors == errors
    assert [case.name for case in report.failing] == named
    assert report.failing[-1].message.startswith("the suite counts ")


@pytest.mark.parametrize(
    ("totals", "cases", "expected"),
    [
        (
            "tests='2' failures='3' errors='0'",
            "<testcase/><testcase><failure message='3 assertions'/></testcase>",
            (2, 1, 0),
        ),
        ("tests='2' failures='3' errors='2'", "<testcase/><testcase><error/></testcase>", (2, 0, 1)),
        ("tests='9' failures='1'", "<testcase><failure/></testcase>", (1, 1, 0)),
        ("tests='1' failures='4'", "<testcase><failure/><failure/><error/></testcase>", (1, 1, 0)),
        ("tests='2' failures='3'", "<testcase/><testcase/>", (2, 0, 1)),
    ],
)
@pytest.mark.parametrize(
    "shape", ["<testsuite {0}>{1}</testsuite>", "<testsuites {0}><testsuite {0}>{1}</testsuite></testsuites>"]
)
def test_totals_never_make_tests_up(totals: str, cases: str, expected: tuple[int, int, int], shape: str) -> None:
    """Some writers count assertions or attempts; a test is a test case, and totals that none shows leave one error."""
    report = parse(shape.format(totals, cases).encode())
    assert (report.tests, report.failed, report.errors) == expected


@pytest.mark.parametrize(("tag", "outcome"), [("failure", "failed"), ("error", "error")])
@pytest.mark.parametrize("total", ["", "errors='1'"])
def test_what_went_wrong_outside_of_any_case_is_the_suites_own(tag: str, outcome: str, total: str) -> None:
    """Ant writes a class that it could not load so; it counts once, with its reason."""
    report = parse(f"<testsuite name='a' {total}><{tag}>no class</{tag}><testcase name='b'/></testsuite>".encode())
    (failing,) = report.failing
    assert (failing.name, failing.outcome, failing.message) == ("a", outcome, "no class")
    assert (report.passed, report.failing_total) == (1, 1)


@pytest.mark.parametrize("total", ["0", "-1", "", "many", "1.5", "1e3", "9" * 10, "9" * 5000, "²"])
def test_a_total_that_is_no_count_is_not_heard(total: str) -> None:
    """A broken attribute makes no failures up."""
    assert parse(f"<testsuite errors='{total}'><testcase/></testsuite>".encode()).failing_total == 0


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        ("<testsuite time='9'><testcase time='1'/><testcase time='.5'/></testsuite>", 1.5),
        ("<testsuite time='9'><testcase time='1'/><testcase/></testsuite>", 1),
        ("<testsuite time='9'><testcase/></testsuite>", 9),
        ("<testsuites time='9'><testsuite time='2'/><testsuite><testcase time='1'/></testsuite></testsuites>", 3),
        ("<testsuites time='9'><testsuite/></testsuites>", 9),
        ("<testsuite><testcase/></testsuite>", 0),
        ("<testsuite><testcase time='1,234.56'/><testcase time='1,234,567'/></testsuite>", 1_235_801.56),
        ("<testsuite><testcase time=' 2 '/><testcase time='5e-05'/></testsuite>", 2.00005),
        *(
            (f"<testsuite><testcase time='{bad}'/><testcase time='1'/></testsuite>", 1)
            for bad in (
                "",
                "NaN",
                "inf",
                "-1",
                "1e300",
                "1e9999",
                "1 s",
                ".",
                ",",
                "1.2.3",
                "1,23,45",
                "1_000",
                "1" * 65,
            )
        ),
    ],
)
def test_seconds_are_those_of_the_cases_or_else_of_their_suite(content: str, seconds: float) -> None:
    """A duration that is none is left out, not added up."""
    assert parse(content.encode()).seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        (["0,160", "0,160"], 0.32),
        (["1.234,567"], 1234.567),
        (["1,234.567"], 1234.567),
        (["1.234.567,8"], 1_234_567.8),
        (["12,34,567.5"], 1_234_567.5),
        (["1 234,5"], 1234.5),
        (["1\u00a0234,567"], 1234.567),
        (["1\u202f234.567"], 1234.567),
        (["1'234.5"], 1234.5),
        (["1\u2019234\u2019567"], 1_234_567),
        ([".5", ",5"], 1),
        (["5.", "5,"], 10),
        (["+1,5"], 1.5),
        (["1,5E-02", "2.5e-2"], 0.04),
        (["1,234E1"], 12.34),
        (["1234,567"], 1234.567),
        (["12,3456"], 12.3456),
        (["12,345"], 12.345),
        (["12.345"], 12.345),
        (["12,345", "0,5"], 12.845),
        (["0,5", "12,345"], 12.845),
        (["12,345", "0.5"], 12_345.5),
        (["0.5", "12,345"], 12_345.5),
        (["12,345", "1.234"], 12_346.234),
        (["12,345", "1,234.5"], 13_579.5),
        (["12,345", "1,234,567"], 1_246_912),
        (["12.345", "0,5"], 12_345.5),
        (["12.345", "1.234,5"], 13_579.5),
        (["12,345", "1.234,5"], 1246.845),
        (["12,345", "0,5", "0.5"], 13.345),
        (["12,345", "7"], 19.345),
    ],
)
def test_times_are_read_in_the_format_of_their_report(times: list[str], seconds: float) -> None:
    """One locale writes a report: what can be read in two ways is read as the other times are, before or after it."""
    cases = "".join(f"<testcase time={quoteattr(time)}/>" for time in times)
    assert one(cases).seconds == pytest.approx(seconds)


def test_the_times_of_suites_decide_as_well() -> None:
    """A case is read as its suite's total is written, although that is not added."""
    assert parse(b"<testsuite time='0,345'><testcase time='12,345'/></testsuite>").seconds == pytest.approx(12.345)
    (failing,) = parse(b"<testsuite time='0.5'><testcase time='12,345'><failure/></testcase></testsuite>").failing
    assert failing.seconds == 12_345
