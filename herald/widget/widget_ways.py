"""The ways of the widget: buttons with actions that call the widget's function again.

An action follows its element, and contains the parameters of the call as JSON. The default of `action` is `html`, which
shows the content; `call` calls the function of `endpoint`. Source: "Interactivity in the custom widget in CloudWatch",
Amazon CloudWatch User Guide.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from herald.deployment.short_names import ShortNames
from herald.markup import Markup, tag, together

# JSON may escape these characters in its strings. They have no meaning for HTML then, however CloudWatch reads the
# content of an action: as text of the element, or as its source.
ESCAPES: Final = {ord(each): f"\\u{ord(each):04x}" for each in "<>&'"}


@dataclass(frozen=True)
class WidgetWays:
    """Makes the buttons of one answer; `endpoint` is the ARN of the widget's function."""

    endpoint: str
    names: ShortNames

    def short(self, subject: str) -> str:
        """Return a subject with the short name of its bucket."""
        return self.names.short(subject)

    def link(self, label: str, view: str, /, **query: str) -> Markup:
        """Return a button that shows a view in the place of the widget.

        It is a button, because a link without an address cannot be reached by keyboard.
        """
        return together(tag("button", label, type="button", class_="link"), self.action({"view": view} | query))

    def redrive(self, label: str, /, *, function: str, error: str = "", subject: str = "") -> Markup:
        """Return a button that redrives after a confirmation, and shows the result in a window of its own."""
        chosen = {"function": function, "error": error, "subject": subject}
        query = {"view": "redrive"} | {name: value for name, value in chosen.items() if value}
        about = f" about {self.short(subject)}" if subject else ""
        question = (
            f"Redrive the dead letters of {function}{about}? They move to the queue of {function}, and each event runs "
            "once more."
        )
        button = tag("button", f"{label}…", type="button", class_="btn")
        return together(button, self.action(query, confirmation=question, display="popup"))

    def action(self, query: Mapping[str, str], *, display: str = "widget", confirmation: str = "") -> Markup:
        """Return the action of the element before it."""
        asked = {"confirmation": confirmation} if confirmation else {}
        return tag(
            "cwdb-action",
            Markup(json.dumps(query).translate(ESCAPES)),
            action="call",
            **asked,
            display=display,
            endpoint=self.endpoint,
            event="click",
        )
