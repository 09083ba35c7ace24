"""The views show what an investigator needs, and every text of an event safely."""

import subprocess
import sys

import pytest

from herald.markup import Markup
from herald.page import dead_letter_table, frame, health_table, run_table
from herald.page.chain import BOXES, chain
from herald.page.pieces import age, moment, took
from herald.page.shapes import Evidence, Filters
from herald.page.subject_view import evidence_key, failures
from herald.page.timeline import timeline
from tests.unit.herald.page.answers import (
    NOW,
    answer,
    dead_letter,
    decided,
    effect,
    failed_chain,
    health,
    run_line,
)
from tests.unit.herald.page.reading import Page
from tests.unit.herald.page.subject_page import LINKS, subject_page


def test_the_run_page_opens_at_the_failure() -> None:
    """The reason comes first, with what changed, where, who, input, attempts and log lines, and the redrive."""
    found = failed_chain()
    known = Evidence(input='{"detail": {"subject": "report/a"}}', log=['{"level": "ERROR"}'], log_group="/aws/lambda/x")
    page = subject_page(found, **{evidence_key(failures(found)[0][1]): known})
    texts = page.text
    order = [
        "1 of 3 runs failed",
        "archive is paused",
        "What failed",
        "the mail server did not answer",
        "Redrive notify",
        "111122223333 , 192.0.2.1",
        "attempt 3, 10,000 ms",
        '"subject": "report/a"',
        '{"level": "ERROR"}',
        "Functions that did not run",
        "What it caused",
        "Timeline",
        "Runs of this subject",
    ]
    places = [texts.index(each) for each in order]
    assert places == sorted(places)
    assert "herald-dev-outputs-1 , eu-central-1" in texts
    assert ("h1", {}) in page.elements


def test_missing_evidence_is_said() -> None:
    """The page names the log group, so that a person can look there."""
    found = answer(decided(decision="rejected"))
    known = Evidence(input=None, log=[], log_group="/aws/lambda/herald-dev-notify")
    text = subject_page(found, **{evidence_key(found["decisions"][0]): known}).text
    assert "The journal does not have this event." in text
    assert "No log lines of this event found in /aws/lambda/herald-dev-notify" in text


def test_a_subject_without_runs_lists_the_reasons() -> None:
    """Each function has its reason."""
    missing = [{"function": "notify", "reason": "detail.object.key is not like reports/*"}]
    text = subject_page(answer(not_run=missing)).text
    assert "No function ran on this subject." in text
    assert "notify : detail.object.key is not like reports/*" in text


@pytest.mark.parametrize(
    ("decision", "offered"), [("dead", True), ("rejected", True), ("late", True), ("retrying", False)]
)
def test_only_dead_letters_are_redriven(decision: str, *, offered: bool) -> None:
    """A run that waits for its next attempt is not in a dead-letter queue."""
    page = subject_page(answer(decided(decision=decision)))
    assert any(name == "button" for name, _ in page.elements) is offered


def test_the_chain_shows_runs_effects_and_functions_that_have_not_run() -> None:
    """In the order of the tree."""
    page = Page(chain(failed_chain(), LINKS))
    order = ["summarise", "report.published", "notify", "archive has not run", "object", "index", "notice"]
    places = [page.text.index(each) for each in order]
    assert places == sorted(places)


def test_the_chain_leaves_out_functions_that_the_newest_event_does_not_match() -> None:
    """They are in the list of functions that did not run."""
    missing = [{"function": name, "reason": "r", "matches": name == "due"} for name in ("due", "unrelated")]
    page = Page(chain(answer(decided(), not_run=missing), LINKS))
    assert "due has not run" in page.text
    assert "unrelated" not in page.text


def test_a_large_chain_says_how_many_boxes_it_leaves_out() -> None:
    """A picture of a thousand runs would not be read."""
    page = Page(chain(answer(decided(effects=[effect("event", decided()) for _ in range(1_000)])), LINKS))
    assert sum("box" in (each.get("class") or "").split() for _, each in page.elements) == BOXES + 1
    assert "Not drawn: 851 boxes, and the boxes below them." in page.text


def test_bars_of_the_timeline_lie_between_first_start_and_last_end() -> None:
    """Their order is that of the settlements; runs without a time are left out."""
    found = [
        ("b", decided("second", settled_at=NOW, duration_ms=500)),
        ("a", decided("first", settled_at=NOW - 750, duration_ms=250)),
        ("c", decided("open", "running", settled_at=None, duration_ms=None)),
    ]
    page = Page(timeline(found, LINKS, NOW))
    bars = [each for name, each in page.elements if name == "rect" and "class" not in each]
    assert [(bar["x"], bar["width"]) for bar in bars] == [("0.00", "25.00"), ("50.00", "50.00")]
    assert page.text.index("first") < page.text.index("second")
    assert "open" not in page.text


def test_a_list_of_5000_runs_has_pages() -> None:
    """Each page has a hundred rows, and the caption says which."""
    found = [run_line(number) for number in range(5_000)]
    page = Page(run_table.runs(found, LINKS, now=NOW, page=2))
    assert sum(name == "tr" for name, _ in page.elements) == 101
    assert "5,000 runs, 500 failed or retrying; rows 101 to 200" in page.text
    assert run_table.pages(5_000) == 50
    assert (run_table.pages(0), run_table.pages(100), run_table.pages(101)) == (1, 1, 2)


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (Filters(), [0, 1, 2]),
        (Filters(function="function_1"), [1]),
        (Filters(decision="dead"), [0]),
        (Filters(error="timeout"), [0]),
        (Filters(error="MAIL SERVER"), [0]),
        (Filters(text="reports/2"), [2]),
        (Filters(text="E1"), [1]),
        (Filters(correlation_id="c2"), [2]),
        (Filters(text="reports", function="function_2"), [2]),
    ],
)
def test_filters_select_runs(filters: Filters, numbers: list[int]) -> None:
    """A search finds subjects, ids and reasons in any case; an error is searched in class and reason of failed runs."""
    found = [run_line(number) for number in range(3)]
    assert [number for number in range(3) if filters.accepts(found[number])] == numbers


def test_functions_that_need_attention_come_first() -> None:
    """Dead letters before a pause before an active function."""
    found = [health(function="a"), health(function="b", state="paused", waiting=2), health(function="c", dead=3)]
    text = Page(
        health_table.functions(
            [*found, health(function="d", waiting=1, oldest_s=7_300), health(function="e", state="endpoint")], LINKS
        )
    ).text
    order = ["c Notifies", "b Notifies", "a Notifies", "d Notifies"]
    assert [text.index(each) for each in order] == sorted(text.index(each) for each in order)
    assert "2 with dead letters, paused or not deployed" in text
    assert "2 h" in text
    assert "endpoint no queue none none" in text


def test_dead_letters_stand_by_function_and_error() -> None:
    """Each group has its number and one redrive for all of it."""
    found = [dead_letter(), dead_letter(subject="report/b"), dead_letter(error="KeyError", subject=None)]
    text = Page(dead_letter_table.dead_letters(found, LINKS, NOW)).text
    assert "Redrive all of notify with TimeoutError" in text
    assert "2 dead letters in the queue of notify" in text
    assert "1 dead letter in the queue of notify" in text


@pytest.mark.parametrize("theme", frame.THEMES)
def test_a_fragment_has_the_theme_and_no_script(theme: str) -> None:
    """CloudWatch passes its theme; its widgets allow neither script nor iframe."""
    page = Page(frame.fragment(Markup("<p>x</p>"), theme=theme))
    assert ("div", {"class": "herald", "data-theme": theme}) in page.elements
    assert page.active() == []


def test_the_renderer_needs_no_deployment() -> None:
    """A Lambda function imports it without terminal, server and AWS libraries."""
    heavy = ("typer", "rich", "boto3", "botocore", "werkzeug", "waitress", "aws_lambda_powertools", "psutil", "aws_cdk")
    code = (
        "import sys, herald.page.subject_view, herald.page.trace_view, herald.page.run_table, herald.page.frame, "
        "herald.page.dead_letter_table, herald.page.health_table; "
        f"print([each for each in {heavy} if each in sys.modules], [each for each in sys.modules if each.startswith("
        "('infra', 'herald.deployment', 'herald.terminal', 'herald.investigate', 'herald.page.server'))])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[] []"


def test_times_say_how_long_ago_they_are() -> None:
    """An unknown or impossible time is said, too."""
    assert "3 min ago" in moment(NOW - 180_000, NOW)
    assert "0 s ago" in moment(NOW + 5_000, NOW), "clocks differ"
    assert "not yet" in moment(None, NOW)
    assert "unknown time" in moment(10**20, NOW)
    assert [age(each) for each in (59, 60, 3_600, 90_000)] == ["59 s", "1 min", "1 h", "1 d"]
    assert [took(each) for each in (None, 12, 59_999, 61_500)] == ["unknown", "12 ms", "59,999 ms", "0:01:01"]
