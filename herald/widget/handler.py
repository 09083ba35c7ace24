"""The Lambda handler of the widget: answers each call of CloudWatch with HTML, or with its description as Markdown."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from functions.runtime.core import variables
from herald.deployment import sessions
from herald.deployment.deployment import Deployment
from herald.deployment.short_names import ShortNames
from herald.errors import CommandError
from herald.markup import Markup, tag, together
from herald.page import frame
from herald.page.pieces import code, isolated
from herald.widget import widget_redrive, widget_views
from herald.widget.widget_event import WidgetEvent
from herald.widget.widget_form import form
from herald.widget.widget_views import Call
from herald.widget.widget_ways import WidgetWays
from infra.declarations.spec import SpecError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

REDRIVE: Final = "redrive"
VIEWS: Final[Mapping[str, Callable[[Call], Markup]]] = {
    "runs": widget_views.runs,
    "subject": widget_views.subject,
    "trace": widget_views.trace,
    REDRIVE: widget_redrive.result,
}
# Lambda allows 6 MB for an answer, as JSON. Source: "Lambda quotas", AWS Lambda Developer Guide.
ANSWER_BYTES: Final = 6_000_000
# Turns the console's style of links, buttons and tables off. Source: "Details about custom widgets in CloudWatch",
# Amazon CloudWatch User Guide.
NO_DEFAULT_STYLES: Final = tag("div", class_="cwdb-no-default-styles")
# CloudWatch asks for it with {"describe": true}, and shows it when a person edits the widget. The form is that of the
# samples of AWS (aws-samples/cloudwatch-custom-widgets-samples).
DESCRIPTION: Final = """## Herald: what ran and why
Shows the runs of the dashboard's time range. Enter a subject, an event id or a correlation id to see what ran, what
did not run, what failed, and what it caused. Redrive asks for a confirmation, and writes lines to the log of this
function.

### Widget parameters
All are optional texts: `subject`, `event_id`, `correlation_id`, `function`.

### Example parameters
``` yaml
function: notify
```
"""


def handle(event: Mapping[str, Any], context: "LambdaContext") -> str:
    """Return the HTML of a call. A fault that a person can mend is an answer; any other ends the invocation."""
    if event.get("describe"):
        return DESCRIPTION
    now = datetime.now(UTC)
    read = WidgetEvent.read(event, now)
    try:
        here = deployment()
        ways = WidgetWays(context.invoked_function_arn, ShortNames.of(here))
        call = Call(deployment=here, event=read, ways=ways, now=int(now.timestamp() * 1000))
        fields = together() if read.view == REDRIVE else form(read, sorted(here.specs), ways)
    except (CommandError, SpecError, BotoCoreError, ClientError) as error:
        return _framed(_fault(read, error), read.theme)
    return _framed(together(fields, _content(call)), read.theme)


@cache
def deployment() -> Deployment:
    """Return the deployment that the widget is part of; a new declaration changes the code, and ends the process."""
    return Deployment(sessions.session(), os.environ[variables.ENVIRONMENT])


def _content(call: Call) -> Markup:
    view = VIEWS.get(call.event.view)
    if view is None:
        return _notice(tag("p", f"The widget has no view {call.event.view}; it has {', '.join(VIEWS)}."))
    try:
        return view(call)
    except (CommandError, SpecError, BotoCoreError, ClientError) as error:
        return _fault(call.event, error)


def _framed(content: Markup, theme: str) -> str:
    answer = together(NO_DEFAULT_STYLES, frame.fragment(content, theme=theme))
    size = len(json.dumps(answer))
    if size <= ANSWER_BYTES:
        return answer
    fault = f"The answer has {size:,} bytes, and Lambda returns at most {ANSWER_BYTES:,}. Use `herald why` instead."
    return frame.fragment(_notice(tag("p", fault)), theme=theme)


def _fault(event: WidgetEvent, error: Exception) -> Markup:
    """Return an error that names the fault and the view."""
    lines = [tag("p", isolated(line)) for line in str(error).splitlines()]
    asked = ", ".join(f"{name} {value}" for name, value in event.query.items())
    return _notice(*lines, tag("p", "View: ", code(f"{event.view} {asked}".strip())))


def _notice(*lines: Markup) -> Markup:
    return tag("div", tag("h1", "This view cannot be shown"), *lines, class_="notice fault")
