"""The form of the widget; CloudWatch sends the values of its fields with each action, by their names."""

from collections.abc import Iterable, Mapping
from typing import Final

from herald.markup import Markup, tag, together, void
from herald.widget.widget_event import PERIODS, SEARCH, WidgetEvent
from herald.widget.widget_ways import WidgetWays

TEXTS: Final = {
    "subject": ("Subject", "outputs/reports/a.xml, customer/42"),
    "event_id": ("Event id", "from a log line or a run"),
    "correlation_id": ("Correlation id", "shows the whole chain"),
}


def form(event: WidgetEvent, functions: Iterable[str], ways: WidgetWays) -> Markup:
    """Return the form with what a person entered before.

    Its button submits nothing: the browser would load the console again.
    """
    button = together(tag("button", "Search", type="button", class_="btn btn-primary"), ways.action({"view": SEARCH}))
    fields = [_text(name, *words, event.form.get(name, "")) for name, words in TEXTS.items()]
    fields += [
        _choice("function", "Function", {"": "all", **{each: each for each in functions}}, event.form),
        _choice("period", "Time", {"": "time range of the dashboard", **{each: each for each in PERIODS}}, event.form),
    ]
    return tag("form", *fields, tag("p", button), class_="filters", role="search")


def _text(name: str, label: str, hint: str, value: str) -> Markup:
    field = void("input", id=f"herald-{name}", name=name, value=value, type="text", placeholder=hint)
    return tag("p", tag("label", label, for_=f"herald-{name}"), field)


def _choice(name: str, label: str, values: Mapping[str, str], given: Mapping[str, str]) -> Markup:
    chosen = given.get(name, "")
    options = (
        tag("option", shown, value=value, **({"selected": ""} if value == chosen else {}))
        for value, shown in values.items()
    )
    return tag("p", tag("label", label, for_=f"herald-{name}"), tag("select", *options, id=f"herald-{name}", name=name))
