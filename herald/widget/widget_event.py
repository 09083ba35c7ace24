"""Reads the event with which CloudWatch calls the widget.

The keys of the widget's parameters, or of the JSON in a `cwdb-action`, are at the top level. `widgetContext` has the
time range, the theme and the fields of all forms. Source: "Details about custom widgets in CloudWatch", Amazon
CloudWatch User Guide. A call names no person: `widgetContext` has the account only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from herald.page.frame import THEMES

FIELDS: Final = ("subject", "event_id", "correlation_id", "function", "period")
ORIGIN: Final = {"account": "accountId", "dashboard": "dashboardName", "widget": "widgetId"}
SEARCH: Final = "search"  # the view that the button of the form asks for
# An hour takes 16 queries of the index, so a week takes 2,688.
LONGEST: Final = timedelta(days=7)
DEFAULT: Final = timedelta(hours=8)  # the period of the dashboard, if CloudWatch sends no time range
PERIODS: Final = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "1d": timedelta(days=1),
    "7d": LONGEST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WidgetEvent:
    """One call: the view with its query, what the form holds, the period, the theme, and where the call came from."""

    view: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    begin: datetime
    end: datetime
    is_cut: bool
    theme: str
    origin: Mapping[str, str]
    is_configured: bool
    """Whether the parameters of the widget name the view, not an action of a person."""

    @classmethod
    def read(cls, event: Mapping[str, Any], now: datetime) -> Self:
        """Return the call of an event; missing and unknown parts have defaults."""
        context = _mapping(event.get("widgetContext"))
        form = _texts(_mapping(_mapping(context.get("forms")).get("all")))
        sent = _texts({name: value for name, value in event.items() if name != "widgetContext"})
        view = sent.pop("view", "")
        searched = {name: value for name, value in form.items() if name in FIELDS} if view in {"", SEARCH} else {}
        begin, end, is_cut = _period(form.get("period", ""), _mapping(context.get("timeRange")), now)
        return cls(
            view=_searched(sent | searched) if view in {"", SEARCH} else view,
            query=sent | searched,
            form=form,
            begin=begin,
            end=end,
            is_cut=is_cut,
            theme=str(context["theme"]) if context.get("theme") in THEMES else "auto",
            origin=_texts({name: context.get(key) for name, key in ORIGIN.items()}),
            is_configured=bool(_mapping(context.get("params")).get("view")),
        )

    def text(self, name: str) -> str:
        """Return a value of the query; empty if it is missing."""
        return self.query.get(name, "")


def _searched(query: Mapping[str, str]) -> str:
    """Return the view that answers the form: its first field with a text decides."""
    if query.get("subject") or query.get("event_id"):
        return "subject"
    return "trace" if query.get("correlation_id") else "runs"


def _period(chosen: str, time_range: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime, bool]:
    """Return begin and end of the chosen period, otherwise of the zoom or the time range of the dashboard."""
    if chosen in PERIODS:
        return now - PERIODS[chosen], now, False
    shown = _mapping(time_range.get("zoom")) or time_range
    try:
        begin, end = (datetime.fromtimestamp(float(shown[name]) / 1000, UTC) for name in ("start", "end"))
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return now - DEFAULT, now, False
    return max(begin, end - LONGEST), end, end - begin > LONGEST


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: value.strip() for name, value in values.items() if isinstance(value, str) and value.strip()}
