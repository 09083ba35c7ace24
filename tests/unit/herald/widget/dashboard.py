"""Calls the widget as CloudWatch documents it, and reads the actions of its answers.

Source: "Details about custom widgets in CloudWatch", Amazon CloudWatch User Guide.
"""

import json
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final, cast

from herald.widget import handler
from tests.unit.herald.page.reading import Page

ENDPOINT: Final = "arn:aws:lambda:us-east-1:123456789012:function:herald-dev-dashboard-widget"
HOUR_MS: Final = 3_600_000


class Context:
    """The context of an invocation."""

    invoked_function_arn = ENDPOINT


@dataclass
class Dashboard:
    """A dashboard with the widget: its time range ends now and has an hour, unless a test changes it."""

    form: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)

    def call(self, **sent: Any) -> str:  # noqa: ANN401 - JSON
        """Return the answer to the parameters of the widget, or to those of an action."""
        now = time.time_ns() // 1_000_000
        context = {
            "accountId": "123456789012",
            "dashboardName": "herald-dev",
            "widgetId": "widget-9",
            "theme": "light",
            "timeRange": {"mode": "relative", "start": now - HOUR_MS, "end": now + 1},
            "params": self.params,
            "forms": {"all": self.form},
        }
        answer: Any = handler.handle(
            {**self.params, **sent, "widgetContext": context | self.context}, cast("Any", Context())
        )
        return str(json.loads(json.dumps(answer)))  # as Lambda returns it

    def page(self, **sent: Any) -> Page:  # noqa: ANN401 - JSON
        """Return a call's answer as a page."""
        return Page(self.call(**sent))


@dataclass
class Action:
    """A `cwdb-action`: its attributes, its parameters and the name of the element before it."""

    before: str
    attributes: dict[str, str | None]
    sent: dict[str, str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Action] = []
        self.last, self.text, self.inside = "", "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "cwdb-action":
            self.found.append(Action(self.last, dict(attrs), {}))
            self.inside, self.text = True, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "cwdb-action":
            self.found[-1].sent = json.loads(self.text)
            self.inside = False
        self.last = tag

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.text += data


def actions(source: str) -> list[Action]:
    """Return the actions of an answer; ValueError: the content of an action is not JSON."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.found
