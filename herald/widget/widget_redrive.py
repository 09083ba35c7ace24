"""Redrives dead letters from the widget, and writes who asked for it to the log as far as CloudWatch tells it.

`widgetContext` has the account, the dashboard and the widget, but no person. CloudTrail records the identity only if a
trail logs data events of Lambda. Source: "Logging AWS Lambda API calls using AWS CloudTrail", AWS Lambda Developer
Guide.
"""

from functools import cache
from typing import Final

from aws_lambda_powertools import Logger

from herald.dead_letters import listing, redrive
from herald.deployment.queues import Pace
from herald.errors import CommandError
from herald.markup import Markup, tag, together
from herald.page.pieces import code, facts, some
from herald.widget.widget_views import Call

SERVICE: Final = "dashboard-widget"
# A redrive reads the whole queue, ten messages at a time, and must end before the timeout of the function: messages
# that it has received are hidden for 15 minutes if it does not.
MOST: Final = 1_000
CHOICES: Final = ("function", "error", "subject")
CALLER: Final = "not known: CloudWatch passes the account only"


def result(call: Call) -> Markup:
    """Redrive the selected dead letters, and return what happened. CommandError: the call selects none."""
    wanted = _wanted(call)
    log: dict[str, str | int] = {name: call.event.text(name) for name in CHOICES}
    log |= {**call.event.origin, "caller": CALLER}
    _audit().info("redrive requested", extra=log)
    done = redrive.redrive(call.deployment, wanted, force=False, pace=Pace(None), progress=lambda _: None)
    counts: dict[str, str | int] = {"moved": done.moved, "refused": done.refused, "failed": done.failed}
    _audit().info("redrive ended", extra=log | counts)
    return _report(call, done)


@cache
def _audit() -> Logger:
    """Return the logger of redrives; its level does not depend on the environment, so the lines are always written."""
    return Logger(service=SERVICE, level="INFO")


def _wanted(call: Call) -> listing.Filter:
    if call.event.is_configured:
        raise CommandError("a redrive needs a person: the parameters of the widget must not contain `view`")
    function, subject = call.event.text("function"), call.event.text("subject")
    if not function:
        raise CommandError("the call names no function: use the redrive button of a run")
    listing.check_function(call.deployment, function)
    if subject.endswith("*"):  # a filter reads it as a prefix
        raise CommandError(f"a subject that ends in * cannot be redriven alone: {subject}")
    wanted = listing.Filter(
        function=function, error=call.event.text("error") or None, subject=subject or None, waiting=False
    )
    total = listing.total(call.deployment, wanted)
    if total > MOST:
        raise CommandError(
            f"the dead-letter queues hold {some(total, 'message')}; the widget redrives from at most {MOST:,}. Use "
            f"`herald dlq redrive --function {function}`"
        )
    return wanted


def _report(call: Call, done: redrive.Redriven) -> Markup:
    title = f"{some(done.moved, 'dead letter')} redriven"
    left = {
        f"Redriven {redrive.REDRIVES} times already: `herald dlq redrive --force` redrives them.": done.refused,
        "The function is not deployed, or SQS rejected the message.": done.failed,
    }
    faults = [tag("p", f"{some(count, 'dead letter')} not redriven. {why}") for why, count in left.items() if count]
    kind = "fault" if faults else "good"
    chosen = [(name.capitalize(), code(call.event.text(name))) for name in CHOICES if call.event.text(name)]
    notice = tag("div", tag("p", tag("strong", f"{title}.")), *faults, class_=f"notice {kind}")
    return together(tag("h1", "Redrive"), notice, facts(chosen), tag("p", "Search the subject again for its new run."))
