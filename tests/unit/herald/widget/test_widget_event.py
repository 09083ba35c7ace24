"""The event of CloudWatch: any shape has an answer, and a period is at most a week."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herald.widget.widget_event import LONGEST, WidgetEvent

NOW: Final = datetime(2026, 11, 28, 12, tzinfo=UTC)
JSON: Final = st.recursive(
    st.none() | st.text() | st.integers() | st.floats() | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(event=st.dictionaries(st.sampled_from(["view", "subject", "widgetContext", "x"]), JSON))
def test_any_event_is_read(event: dict[str, Any]) -> None:
    """A person can call the function with an event of their own."""
    read = WidgetEvent.read(event, NOW)
    assert read.end - read.begin <= LONGEST


@given(context=st.dictionaries(st.sampled_from(["timeRange", "forms", "params", "theme", "accountId"]), JSON))
def test_any_context_is_read(context: dict[str, Any]) -> None:
    """Missing and unknown parts have defaults."""
    assert WidgetEvent.read({"widgetContext": context}, NOW).view in {"runs", "subject", "trace"}


@pytest.mark.parametrize("time_range", [{}, {"start": "x", "end": 1}, {"start": 1}, {"start": 1e300, "end": 1e300}])
def test_without_a_time_range_it_is_that_of_the_dashboard(time_range: dict[str, Any]) -> None:
    """The last 8 hours."""
    read = WidgetEvent.read({"widgetContext": {"timeRange": time_range}}, NOW)
    assert (read.begin, read.end, read.is_cut) == (NOW - timedelta(hours=8), NOW, False)


def test_a_long_time_range_is_cut() -> None:
    """Each hour takes 16 queries."""
    range_ = {"start": 0, "end": int(NOW.timestamp() * 1000)}
    read = WidgetEvent.read({"widgetContext": {"timeRange": range_}}, NOW)
    assert (read.begin, read.end, read.is_cut) == (NOW - LONGEST, NOW, True)
