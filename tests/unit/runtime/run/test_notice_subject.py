"""Which titles SNS takes as the subject of a notice, whatever a function calls it."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.runtime.run.notices import notice_subject

TAKEN = frozenset(string.ascii_letters + string.digits + string.punctuation + " ")


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("reports/a\tb\rc\x1bd\x7fe.xml", "reports/a b c d e.xml"),
        ("a\r\nb\x85c\u2028d", "a b c d"),
        (" \t leading and trailing\n", "leading and trailing"),
        ("Zwölf", "Zw?lf"),
        ("x" * 98 + " y", "x" * 98),
        ("x" * 200, "x" * 99),
        ("", "(no title)"),
        ("\x00\x9b \n", "(no title)"),
    ],
)
def test_a_title_becomes_one_line(title: str, subject: str) -> None:
    """A run of blanks and control characters becomes one blank, and what is not ASCII a question mark."""
    assert notice_subject(title) == subject


@given(st.text())
@example("\ud800")
def test_sns_takes_every_subject(title: str) -> None:
    """Printable ASCII that neither begins nor ends with a blank, 1 to 99 characters."""
    subject = notice_subject(title)
    assert set(subject) <= TAKEN
    assert 0 < len(subject) < 100
    assert subject == subject.strip()
