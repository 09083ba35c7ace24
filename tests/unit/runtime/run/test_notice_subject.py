"""The subjects of notices that SNS accepts."""

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
    """White space and control characters become one space, and other characters than ASCII become question marks."""
    assert notice_subject(title) == subject


@given(st.text())
@example("\ud800")
def test_sns_takes_every_subject(title: str) -> None:
    """A subject is printable ASCII without a space at either end, 1 to 99 characters long."""
    subject = notice_subject(title)
    assert set(subject) <= TAKEN
    assert 0 < len(subject) < 100
    assert subject == subject.strip()
