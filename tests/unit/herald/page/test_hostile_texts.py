"""Every text of an event is shown as text."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from herald.markup import Markup
from herald.page import dead_letter_table, health_table, run_table
from herald.page.shapes import Evidence, Filters
from herald.page.subject_view import evidence_key, failures, subject_view
from herald.page.trace_view import trace_view
from tests.unit.herald.page.answers import (
    HOSTILE,
    LONG,
    NOW,
    answer,
    dead_letter,
    decided,
    health,
    hostile_answer,
    run_line,
)
from tests.unit.herald.page.reading import Page
from tests.unit.herald.page.subject_page import LINKS


def hostile_run(text: str) -> Markup:
    """Return the list of one run in which each text is the same."""
    names = ("function", "decision", "subject", "reason", "error", "correlation_id", "event_id")
    return run_table.runs([run_line(1, **dict.fromkeys(names, text))], LINKS, now=NOW)


def hostile_dead_letter(text: str) -> Markup:
    """Return the table of one dead letter in which each text is the same."""
    names = ("function", "queue", "error", "reason", "subject")
    return dead_letter_table.dead_letters([dead_letter(**dict.fromkeys(names, text))], LINKS, NOW)


def hostile_health(text: str) -> Markup:
    """Return the table of one function in which each text is the same."""
    return health_table.functions([health(**dict.fromkeys(("function", "owner", "description", "state"), text))], LINKS)


def hostile_filters(text: str) -> Markup:
    """Return the fields of filters with hostile values."""
    return run_table.filter_fields(Filters(function=text, decision=text, error=text, text=text), [text], text)


VIEWS: Final[dict[str, Callable[[str], Markup]]] = {
    "runs": hostile_run,
    "dead letters": hostile_dead_letter,
    "functions": hostile_health,
    "filters": hostile_filters,
}


@pytest.mark.parametrize("view", VIEWS)
@settings(deadline=None)  # the first examples are slow on a busy machine
@given(text=st.text(st.characters(), min_size=1))
def test_any_text_is_shown_as_text(view: str, text: str) -> None:
    """No text of an event becomes an element or an attribute, and no control character reaches the page."""
    usual, page = Page(VIEWS[view]("a")), Page(VIEWS[view](text))
    assert [name for name, _ in page.elements] == [name for name, _ in usual.elements]
    assert page.faults == []
    assert page.active() == []
    assert all(each.isprintable() for each in "".join(page.texts).replace("\n", ""))


@pytest.mark.parametrize("view", ["subject", "trace"])
def test_a_hostile_answer_is_shown_as_text(view: str) -> None:
    """Keys with elements, marks that reverse text, and control characters are visible as escapes."""
    found = hostile_answer()
    evidence = {
        evidence_key(each): Evidence(input=HOSTILE, log=[HOSTILE], log_group=HOSTILE) for _, each in failures(found)
    }
    source = (
        subject_view(found, LINKS, now=NOW, evidence=evidence)
        if view == "subject"
        else trace_view(HOSTILE, found, LINKS, now=NOW)
    )
    page = Page(source)
    assert page.active() == []
    assert page.faults == []
    assert "<script>alert(1)</script>" in page.text
    assert r"\u202etxt.exe\u200f\x00\x1b[31m\ud800" in page.text
    assert f"{LONG[:100]}…{LONG[-50:]}" in page.text
    assert source.encode(), "it can be sent: a lone surrogate is escaped"


@settings(deadline=None)  # the first examples are slow on a busy machine
@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_input_is_shown(value: Any) -> None:  # noqa: ANN401 - JSON
    """An event is JSON of any shape, or no JSON at all."""
    found = answer(decided(decision="dead", reason=str(value)))
    evidence = {evidence_key(found["decisions"][0]): Evidence(input=str(value), log=[str(value)], log_group="g")}
    page = Page(subject_view(found, LINKS, now=NOW, evidence=evidence))
    assert (page.active(), page.faults) == ([], [])


def test_each_text_of_an_event_is_isolated() -> None:
    """A subject in Hebrew does not reorder the words around it."""
    assert "<bdi>דוח/1</bdi>" in run_table.runs([run_line(subject="דוח/1")], LINKS, now=NOW)
