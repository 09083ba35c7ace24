"""The ways from one view to another: the local page uses links, the widget uses actions of CloudWatch."""

from typing import Protocol

from herald.markup import Markup
from herald.page.pieces import brief, code


class Ways(Protocol):
    """Makes the elements that a person follows.

    A view is `runs`, `subject`, `trace`, `dead-letters` or `functions`; its query holds what the view shows.
    """

    def short(self, subject: str) -> str:
        """Return a subject as a person calls it: `outputs/reports/a.xml` instead of the bucket's generated name."""

    def link(self, label: str, view: str, /, **query: str) -> Markup:
        """Return a link to a view."""

    def redrive(self, label: str, /, *, function: str, error: str = "", subject: str = "") -> Markup:
        """Return a control that redrives dead letters after a confirmation."""


def subject_link(subject: str, ways: Ways) -> Markup:
    """Return a link to the run page of a subject."""
    return ways.link(code(brief(ways.short(subject))), "subject", subject=subject)
