"""The ways from one view to another: the local page uses links, the widget uses actions of CloudWatch."""

from typing import Protocol

from herald.markup import Markup


class Ways(Protocol):
    """Makes the elements that a person follows.

    A view is `runs`, `subject`, `trace`, `dead-letters` or `functions`; its query holds what the view shows.
    """

    def link(self, label: str, view: str, /, **query: str) -> Markup:
        """Return a link to a view."""

    def redrive(self, label: str, /, *, function: str, error: str = "", subject: str = "") -> Markup:
        """Return a control that redrives dead letters after a confirmation."""
