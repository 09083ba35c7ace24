"""Every text of an event is text in the widget too: in its elements, its attributes and the JSON of its actions."""

import json
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from herald.deployment.deployment import Deployment
from herald.deployment.short_names import ShortNames
from herald.page import dead_letter_table, run_table
from herald.page.trace_view import trace_view
from herald.widget.widget_ways import WidgetWays
from tests.unit.herald.investigate.installation import settled
from tests.unit.herald.page.answers import HOSTILE, LONG, NOW, dead_letter, hostile_answer, run_line
from tests.unit.herald.page.reading import Page
from tests.unit.herald.widget.dashboard import ENDPOINT, Dashboard, actions

WAYS: Final = WidgetWays(ENDPOINT, ShortNames({}, "dev"))


@settings(deadline=None)  # the first examples are slow on a busy machine
@given(text=st.text(st.characters(), min_size=1))
def test_an_action_sends_exactly_its_text(text: str) -> None:
    """Whether CloudWatch reads the content of the element or its source, the JSON is the same."""
    for made in (WAYS.link("x", "subject", subject=text), WAYS.redrive("x", function="f", subject=text)):
        (found,) = actions(made)
        assert found.sent["subject"] == text
        source = made.partition("<cwdb-action")[2].partition(">")[2].removesuffix("</cwdb-action>")
        assert json.loads(source) == found.sent
        assert not set("<>&'") & set(source)
        assert [name for name, _ in Page(made).elements] == ["button", "cwdb-action"]


@settings(deadline=None)  # the first examples are slow on a busy machine
@given(text=st.text(st.characters(), min_size=1))
def test_a_row_of_any_text_is_shown_as_text(text: str) -> None:
    """In the list of runs, and in the buttons of dead letters."""
    names = ("function", "subject", "reason", "error", "correlation_id", "event_id")
    runs = run_table.runs([run_line(1, **dict.fromkeys(names, text))], WAYS, now=NOW)
    letters = dead_letter_table.dead_letters([dead_letter(subject=text, error=text)], WAYS, NOW)
    for source in (runs, letters):
        page = Page(source)
        assert (page.active(), page.faults) == ([], [])


def test_a_hostile_trace_is_shown_as_text() -> None:
    """Also with a subject of 1,024 bytes."""
    page = Page(trace_view(HOSTILE, hostile_answer(), WAYS, now=NOW))
    assert (page.active(), page.faults) == ([], [])
    assert "<script>alert(1)</script>" in page.text


@pytest.mark.parametrize("text", [HOSTILE.replace("\ud800", ""), LONG])
def test_a_hostile_search_is_answered(deployment: Deployment, dashboard: Dashboard, text: str) -> None:
    """The form shows again what a person pasted, and the run page of a hostile key works."""
    settled(deployment, text, "book", {"id": "e9", "type": "x"}, decision="dead", reason=text, correlation_id=text)
    dashboard.form = {"subject": f"subject:{text}", "function": text, "period": text}
    for sent in ({"view": "search"}, {"view": text}, {"view": "runs"}, {"view": "trace", "id": f"subject:{text}"}):
        source = dashboard.call(**sent)
        page = Page(source)
        assert (page.active(), page.faults) == ([], [])
        assert actions(source)
