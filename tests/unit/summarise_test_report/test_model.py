"""What is read out of a JUnit report, in every dialect that jobs write."""

from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.summarise_test_report.model import Report
from functions.summarise_test_report.parser import parse
from functions.summarise_test_report.reader import FAILING_KEPT

REPORTS: Final = Path(__file__).parent / "reports"


def counts(report: Report) -> tuple[int, int, int, int, int]:
    """Return suites, passed, failed, errors and skipped."""
    return report.suites, report.passed, report.failed, report.errors, report.skipped


def one(case: str) -> Report:
    """Read a suite called `basket` with what it has inside."""
    return parse(f'<testsuite name="basket">{case}</testsuite>'.encode())


@pytest.mark.parametrize(
    ("name", "expected", "seconds", "failing"),
    [
        (
            "pytest",
            (1, 3, 2, 4, 2),
            0.009,
            ["tests.test_broken", "test_discount", "test_db", "test_leaky", "test_leaky_failing", "test_leaky_failing"],
        ),
        ("surefire", (1, 3, 1, 1, 1), 1236.31, ["discountIsAppliedOnce", "readsThePriceList"]),
        ("surefire_reruns", (1, 2, 1, 1, 0), 0.9, ["paysByVoucher", "paysLater"]),
        ("gradle", (1, 1, 2, 0, 1), 0.228, ["shipsAbroad()", "readsTheRates()"]),
        ("gradle_merged_reruns", (1, 1, 0, 0, 0), 0.25, []),
        ("jest", (2, 2, 1, 1, 1), 0.027, ["basket applies a discount once", "src/payment.test.js"]),
        ("gotestsum", (3, 2, 3, 0, 1), 0.02, ["TestMain", "TestDiscount/twice", "TestDiscount"]),
        ("go_junit_report", (2, 1, 1, 1, 1), 0.01, ["TestDiscount", "[build failed]"]),
        ("phpunit_nested", (5, 1, 1, 1, 1), 0.04, ['testDiscount with data set "twice"', "testTransfer"]),
        ("googletest", (2, 1, 1, 0, 2), 0.007, ["Discount"]),
        ("ant_class_not_loaded", (1, 0, 0, 1, 0), 0.0, ["com.example.checkout.LegacyTest"]),
        ("no_totals", (1, 1, 1, 0, 0), 0.0, ["answers in time"]),
        ("only_totals", (0, 0, 0, 3, 0), 12.5, ["nightly"]),
        ("decimal_comma", (1, 1, 1, 0, 0), 0.32, ["rejects an unknown voucher"]),
        ("failures_are_assertions", (1, 1, 1, 0, 0), 0.0, ["adds up"]),
    ],
)
def test_every_dialect_is_counted_by_its_test_cases(
    name: str, expected: tuple[int, int, int, int, int], seconds: float, failing: list[str]
) -> None:
    """Whatever the totals say: reruns counted, parents adding up, or no totals at all."""
    report = parse((REPORTS / f"{name}.xml").read_bytes())
    assert counts(report) == expected
    assert report.tests == sum(expected[1:])
    assert report.failing_total == expected[2] + expected[3]
    assert report.seconds == pytest.approx(seconds)
    assert [case.name for case in report.failing] == failing


@pytest.mark.parametrize(
    ("case", "outcome", "message"),
    [
        ("<failure message='80 is not 90'>trace</failure>", "failed", "80 is not 90"),
        ("<error message='no database'/>", "error", "no database"),
        ("<failure>\n\n  80 is not 90  \n  at basket.py</failure>", "failed", "80 is not 90"),
        ("<failure message=' '><![CDATA[80 is]]> not 90</failure>", "failed", "80 is not 90"),
        ("<failure message='80&#10;  is not&#9;90'/>", "failed", "80 is not 90"),
        ("<failure/>", "failed", ""),
        ("<failure/>80<system-out>90</system-out>", "failed", ""),
        ("<failure message='first'/><error message='second'/>", "failed", "first"),
        ("<error message='first'/><failure message='second'/>", "error", "first"),
        ("<failure message='first'/><rerunFailure message='second'/><rerunError/>", "failed", "first"),
        ("<skipped message='later'/><failure message='first'/>", "failed", "first"),
        ("<failure><testcase/><testsuite/>text</failure>", "failed", "text"),
        (f"<failure message='{'x' * 300}'/>", "failed", "x" * 199 + "…"),
        (f"<failure>{'x' * 300}</failure>", "failed", "x" * 199 + "…"),
    ],
)
def test_the_first_thing_that_went_wrong_tells_what_a_test_came_to(case: str, outcome: str, message: str) -> None:
    """A test counts once, and says in one line of at most 200 characters why it is red."""
    report = one(f"<testcase classname='shop' name='discount' time='1.5'>{case}</testcase>")
    (failing,) = report.failing
    assert report.tests == 1
    assert (failing.outcome, failing.message) == (outcome, message)
    assert (failing.classname, failing.name, failing.suite, failing.seconds) == ("shop", "discount", "basket", 1.5)


@pytest.mark.parametrize(
    ("case", "passed", "skipped"),
    [
        ("<testcase/>", 1, 0),
        ("<testcase status='run'/>", 1, 0),
        ("<testcase><flakyFailure message='x'/><flakyError/></testcase>", 1, 0),
        (
            "<testcase><system-out>failure</system-out><properties><property name='error'/></properties></testcase>",
            1,
            0,
        ),
        ("<testcase><skipped/></testcase>", 0, 1),
        ("<testcase status='notrun'/>", 0, 1),
        ("<testcase status='disabled'/>", 0, 1),
        ("<testcase><skipped/></testcase><testcase/>", 1, 1),
    ],
)
def test_what_passed_in_the_end_or_never_ran_is_not_failing(case: str, passed: int, skipped: int) -> None:
    """Only a failure or an error makes a report red."""
    assert counts(one(case)) == (1, passed, 0, 0, skipped)


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


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ("UTF-8", "utf-8"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
    ],
)
def test_the_declared_encoding_is_read(declared: str, codec: str) -> None:
    """Names keep their letters, with and without a byte order mark."""
    declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    content = f"{declaration}<testsuite><testcase name='Prüfung'><error/></testcase></testsuite>".encode(codec)
    assert parse(content).failing[0].name == "Prüfung"


@pytest.mark.parametrize("root", ["<t:testsuites xmlns:t='urn:t'>", "<testsuites xmlns='urn:t'>"])
def test_a_namespace_changes_nothing(root: str) -> None:
    """Elements are known by their local names."""
    prefix = "t:" if root.startswith("<t:") else ""
    case = f"<{prefix}testcase><{prefix}failure/></{prefix}testcase>"
    content = (
        f"{root}<{prefix}testsuite tests='1' time='2' failures='1'>{case}</{prefix}testsuite></{prefix}testsuites>"
    )
    assert counts(parse(content.encode())) == (1, 0, 1, 0, 0)
    assert parse(content.encode()).seconds == 2


def test_only_the_first_failing_tests_are_kept() -> None:
    """All are counted, in memory that does not grow with them."""
    report = one("".join(f"<testcase name='{n}'><failure/></testcase>" for n in range(FAILING_KEPT + 1)))
    assert report.failing_total == FAILING_KEPT + 1
    assert [case.name for case in report.failing] == [str(n) for n in range(FAILING_KEPT)]


def test_a_report_of_a_hundred_thousand_tests_is_read() -> None:
    """A nightly run of everything: about 13 MB."""
    case = "<testcase classname='shop.test_basket.TestBasket' name='test_discount[{0}]' time='0.001'>{1}</testcase>"
    red, green = "<failure message='80 is not 90'>trace</failure>", "<system-out>ok\nok\n</system-out>"
    content = "".join(case.format(n, green if n % 10 else red) for n in range(100_000))
    assert counts(one(content)) == (1, 90_000, 10_000, 0, 0)


TEXT: Final = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=9
)
CASES: Final = st.lists(st.tuples(TEXT, st.sampled_from(["", "failure", "error", "skipped"]), TEXT), max_size=9)


@given(st.lists(CASES, max_size=5))
def test_every_well_formed_report_is_counted_case_by_case(suites: list[list[tuple[str, str, str]]]) -> None:
    """No name, message or order of outcomes is mistaken for something else."""
    content = "".join(
        "<testsuite>"
        + "".join(
            f"<testcase name={quoteattr(name)}>{f'<{tag} message={quoteattr(text)}/>' if tag else ''}</testcase>"
            for name, tag, text in cases
        )
        + "</testsuite>"
        for cases in suites
    )
    tags = [tag for cases in suites for _, tag, _ in cases]
    expected = (len(suites), *(tags.count(tag) for tag in ("", "failure", "error", "skipped")))
    assert counts(parse(f"<testsuites>{content}</testsuites>".encode())) == expected
