"""The page of a subject, rendered from an answer."""

from typing import Any, Final

from herald.page.shapes import Evidence
from herald.page.subject_view import subject_view
from tests.unit.herald.page.answers import (
    NOW,
    Links,
)
from tests.unit.herald.page.reading import Page

LINKS: Final = Links()


def subject_page(found: Any, **evidence: Evidence) -> Page:  # noqa: ANN401 - JSON
    """Return the run page of an answer."""
    return Page(subject_view(found, LINKS, now=NOW, evidence=evidence))
