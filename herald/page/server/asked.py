"""A request for a view, and the view that answers it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from herald.deployment.deployment import Deployment
from herald.markup import Markup
from herald.page.server import run_source
from herald.page.server.page_ways import PageWays

BUCKET: Final = "bucket."


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A rendered view: its title, its content, and more elements for the head of its page."""

    title: str
    content: Markup
    head: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request for a view: the deployment, the query, and the source of lists of runs."""

    deployment: Deployment
    query: Mapping[str, str]
    source: run_source.Source = run_source.of_index

    @property
    def ways(self) -> PageWays:
        """The ways of the page, with the short names of the buckets."""
        names = self.deployment.names
        return PageWays({each: name.removeprefix(BUCKET) for name, each in names.items() if name.startswith(BUCKET)})

    def text(self, name: str, default: str = "") -> str:
        """Return a value of the query; an empty value counts as missing."""
        return self.query.get(name) or default


def now_ms() -> int:
    """Return the current time in ms since the epoch."""
    return int(time.time() * 1000)
