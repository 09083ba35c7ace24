"""The reference pages are those that the code generates."""

import pytest

from herald.reference import pages
from infra.declarations.loader import ROOT

PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_up_to_date(name: str) -> None:
    """`make reference` would change nothing."""
    assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == PAGES[name]
