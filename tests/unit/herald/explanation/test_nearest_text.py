"""The near text of a condition is one that the condition accepts, and only a small change of the given text."""

from typing import Any

import pytest

from functions.runtime.patterns.operators import accepts
from herald.explanation.nearest_text import nearest


@pytest.mark.parametrize(
    ("alternatives", "value", "expected"),
    [
        ([{"wildcard": "invoices/*.json"}], "invoice/x", "invoices/x.json"),
        ([{"wildcard": "invoices/*.json"}], "invoices/x.xml", "invoices/x.json"),
        ([{"wildcard": r"a\*bcd*"}], "abcd/x", "a*bcd/x"),
        ([{"prefix": "reports/"}], "report/a.xml", "reports/a.xml"),
        ([{"prefix": "reports/"}], "/reports/a.xml", "reports/a.xml"),
        ([{"prefix": "reports/"}], "Reports/a.xml", "reports/a.xml"),
        ([{"suffix": ".json"}], "a.jsn", "a.json"),
        (["report.published"], "report.publishd", "report.published"),
        ([{"exactly": "report.published"}], "reports.published", "report.published"),
        (["customer.created", "customer.updated"], "customer.update", "customer.updated"),
    ],
)
def test_a_near_text_is_found(alternatives: list[Any], value: str, expected: str) -> None:
    """The condition accepts it."""
    assert nearest(alternatives, value) == expected
    assert accepts(alternatives, expected)


@pytest.mark.parametrize(
    ("alternatives", "value"),
    [
        (["customer.created"], "customer.updated"),
        (["crm"], "erp"),
        (["ALARM"], "OK"),
        ([{"prefix": "in/"}], "out/7"),
        ([{"prefix": "reports/"}], "logs/x"),
        ([{"prefix": ""}], "x"),
        ([{"prefix": {"equals-ignore-case": "reports/"}}], "report/x"),
        ([{"anything-but": "x"}, {"exists": False}, 7, None], "x"),
        (["report.published"], 7),
        ([{"prefix": "reports/" * 100}], "report/" * 100),
    ],
)
def test_another_text_is_not_near(alternatives: list[Any], value: object) -> None:
    """Neither another word, nor a value that is not a text, nor a text that would take long to compare."""
    assert nearest(alternatives, value) is None
