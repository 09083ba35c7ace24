"""The ways of the local page: links with the query of a view."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from functions.runtime.core.s3_uri import S3Uri
from herald.markup import Markup, tag

PATHS: Final = {"runs": "/"}


@dataclass(frozen=True)
class PageWays:
    """Makes links; a redrive links to a page that says what it will do. `buckets` are short names by physical names."""

    buckets: Mapping[str, str]

    def short(self, subject: str) -> str:
        """Return a subject with the short name of its bucket."""
        uri = S3Uri.parse(subject)
        return f"{self.buckets[uri.bucket]}/{uri.key}" if uri and uri.bucket in self.buckets else subject

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
