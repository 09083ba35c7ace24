"""Redrives dead letters from the page: first says what it will do, then does it and reports the result."""

from typing import Final

from herald.dead_letters import listing, redrive
from herald.deployment.queues import Pace
from herald.errors import CommandError
from herald.markup import Markup, tag, together, void
from herald.page.pieces import code, facts, some
from herald.page.server.asked import Asked, View
from herald.page.server.page_ways import address

CHOICES: Final = ("function", "error", "subject")


def confirmation(asked: Asked, form_token: str) -> View:
    """Return what a redrive would do, with the button that does it."""
    wanted = _wanted(asked)
    found = listing.read(asked.deployment, wanted)
    ready = [each for each in found if redrive.has_consumer(asked.deployment, each.function)]
    ready = [each for each in ready if not redrive.is_spent(each)]
    title = f"Redrive {some(len(ready), 'dead letter')}?"
    refused = len(found) - len(ready)
    parts = [tag("h1", title), facts(_chosen(asked)), _plan(wanted, len(ready))]
    if refused:
        parts.append(tag("p", f"{some(refused, 'dead letter')} will stay: {_refusal()}"))
    parts.append(_form(asked, len(ready), form_token) if ready else _back())
    return View(title=title, content=together(*parts))


def result(asked: Asked) -> View:
    """Redrive the dead letters that the form selects, and return what happened."""
    wanted = _wanted(asked)
    done = redrive.redrive(asked.deployment, wanted, force=False, pace=Pace(None), progress=lambda _: None)
    title = f"{some(done.moved, 'dead letter')} redriven"
    left = {
        _refusal(): done.refused,
        "The function is not deployed, or SQS rejected the message.": done.failed,
    }
    faults = [
        tag("p", f"{some(number, 'dead letter')} not redriven. {reason}") for reason, number in left.items() if number
    ]
    notice = tag("div", tag("p", tag("strong", f"{title}.")), *faults, class_=f"notice {'fault' if faults else 'good'}")
    return View(
        title=title, content=together(tag("h1", "Redrive"), notice, facts(_chosen(asked)), _next(asked), _back())
    )


def _wanted(asked: Asked) -> listing.Filter:
    """Return the filter of the query; CommandError: it has no function, or the function does not exist."""
    function = asked.text("function")
    if not function:
        raise CommandError("the request names no function: open the redrive from a run or from the dead letters")
    listing.check_function(asked.deployment, function)
    subject = asked.text("subject")
    if subject.endswith("*"):  # a filter reads it as a prefix
        raise CommandError(f"a subject that ends in * cannot be redriven alone: {subject}")
    return listing.Filter(function=function, error=asked.text("error") or None, subject=subject or None)


def _plan(wanted: listing.Filter, count: int) -> Markup:
    if not count:
        return tag("p", "Nothing to redrive: no dead letter that can be redriven matches.")
    sentence = (
        f"{some(count, 'message')} will move from the dead-letter queue to the queue of {wanted.function}. "
        "Each event runs once more; objects and events that its run made keep their keys and ids. "
        "Messages that arrive until you confirm and that match are redriven too."
    )
    return tag("p", sentence)


def _refusal() -> str:
    return (
        f"They were redriven {redrive.REDRIVES} times already, or their function is not deployed. "
        "`herald dlq redrive --force` redrives them all the same."
    )


def _chosen(asked: Asked) -> list[tuple[str, str]]:
    return [(name.capitalize(), code(asked.text(name))) for name in CHOICES if asked.text(name)]


def _form(asked: Asked, count: int, form_token: str) -> Markup:
    values = {name: asked.text(name) for name in CHOICES} | {"form_token": form_token}
    hidden = (void("input", type="hidden", name=name, value=value) for name, value in values.items())
    button = tag("button", f"Redrive {some(count, 'dead letter')}", type="submit")
    cancel = tag("a", "Cancel", href="/dead-letters")
    return tag("form", *hidden, tag("p", button, " ", cancel), method="post", action="/redrive")


def _next(asked: Asked) -> Markup:
    subject = asked.text("subject")
    if not subject:
        return tag("p", "The new decisions appear in the ", tag("a", "list of runs", href="/"), ".")
    return tag("p", "See its new decision: ", tag("a", code(subject), href=address("/subject", subject=subject)))


def _back() -> Markup:
    return tag("p", tag("a", "Back to the dead letters", href="/dead-letters"))
