"""What is read out of a JUnit report, in every dialect that jobs write."""

from typing import Final
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.summarise_test_report.parser import parse
from functions.summarise_test_report.reader import FAILING_KEPT
from tests.unit.summarise_test_report.counts import REPORTS, counts, one


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
