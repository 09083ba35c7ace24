"""The ways of the local page: links with the query of a view."""

from urllib.parse import urlencode

from herald.markup import Markup, tag

PATHS = {"runs": "/"}


class PageWays:
    """Makes links; a redrive links to a page that says what it will do."""

    def link(self, label: str, view: str, /, **query: str) -> Markup:
        """Return a link to a view."""
        return tag("a", label, href=address(PATHS.get(view, f"/{view}"), **query))

    def redrive(self, label: str, /, *, function: str, error: str = "", subject: str = "") -> Markup:
        """Return a link to the confirmation."""
        return tag(
            "a", f"{label}…", href=address("/redrive", function=function, error=error, subject=subject), class_="button"
        )


def address(path: str, **query: str) -> str:
    """Return a path with a query; empty values are left out."""
    named = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(named, errors='replace')}" if named else path
