"""What the widget shows: runs, run pages and traces, for the form, the theme and the time range of the dashboard."""

from typing import Any

import pytest

from herald.deployment.deployment import Deployment
from herald.page import run_table
from herald.widget import handler, widget_views
from tests.unit.herald.investigate.installation import now_ms, settled
from tests.unit.herald.page.failed_run import failed_run
from tests.unit.herald.page.reading import Page
from tests.unit.herald.widget.dashboard import ENDPOINT, HOUR_MS, Dashboard, actions


def fields(page: Page) -> dict[str, dict[str, str | None]]:
    """Return the fields of the form by their names."""
    return {str(each["name"]): each for name, each in page.elements if name in {"input", "select"}}


def test_it_describes_itself() -> None:
    """CloudWatch shows the Markdown to a person who edits the widget; nothing is asked of AWS."""
    context: Any = None
    assert handler.handle({"describe": True}, context).startswith("## Herald: what ran and why\n")


def test_it_begins_with_a_form_and_the_runs_of_the_time_range(deployment: Deployment, dashboard: Dashboard) -> None:
    """Each field has a label, and no button submits the form, which would load the console again."""
    failed_run(deployment)
    page = dashboard.page()
    assert list(fields(page)) == ["subject", "event_id", "correlation_id", "function", "period"]
    labels = {each["for"] for name, each in page.elements if name == "label"}
    assert labels == {each["id"] for each in fields(page).values()}
    assert {each.get("type") for name, each in page.elements if name == "button"} == {"button"}
    assert "2 runs, 1 failed or retrying" in page.text
    assert "no answer within 10 s" in page.text


def test_every_action_calls_the_widget_again(deployment: Deployment, dashboard: Dashboard) -> None:
    """It follows a button, which the keyboard reaches."""
    failed_run(deployment)
    for sent in ({}, {"view": "subject", "subject": "invoice/7"}, {"view": "trace", "id": "c1"}):
        found = actions(dashboard.call(**sent))
        assert found
        for each in found:
            assert (each.before, each.attributes["action"], each.attributes["event"]) == ("button", "call", "click")
            assert each.attributes["endpoint"] == ENDPOINT


def test_a_run_page_has_failure_evidence_and_links(deployment: Deployment, dashboard: Dashboard) -> None:
    """With the way to redrive, and to the log and the traces of the event in the console."""
    failed_run(deployment)
    page = dashboard.page(view="subject", subject="invoice/7")
    for text in (
        "What failed",
        "no answer within 10 s",
        '"sum": 5',
        '{"event_id": "e7", "n": 1}',
        "Timeline",
        "In the console",
    ):
        assert text in page.text
    addresses = [each["href"] or "" for name, each in page.elements if name == "a"]
    assert [each for each in addresses if "$252Faws$252Flambda$252Fherald-dev-book/log-events" in each]
    assert [each for each in addresses if "#xray:traces/query?" in each]
    assert all(each["rel"] == "noopener noreferrer" for name, each in page.elements if name == "a")


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ({"subject": "invoice/7"}, "What failed"),
        ({"subject": "invoices/in/7.json"}, "Runs of this subject"),
        ({"event_id": "e7"}, "What failed"),
        ({"correlation_id": "c1"}, "Trace c1"),
        ({"subject": " invoice/7 ", "correlation_id": "c1"}, "What failed"),
        ({"function": "warn"}, "No runs match"),
        ({"function": "book"}, "1 run, 1 failed"),
    ],
)
def test_the_form_is_answered(deployment: Deployment, dashboard: Dashboard, form: dict[str, str], shown: str) -> None:
    """The first field with a text decides, and the form keeps what a person entered."""
    failed_run(deployment)
    dashboard.form = form
    for sent in ({"view": "search"}, {}):  # by the button, and when the dashboard is refreshed
        page = dashboard.page(**sent)
        assert shown in page.text
    for name in form.keys() - {"function"}:
        assert fields(page)[name]["value"] == form[name].strip()


def test_a_link_does_not_use_the_form(deployment: Deployment, dashboard: Dashboard) -> None:
    """CloudWatch sends the form with each action."""
    failed_run(deployment)
    dashboard.form = {"subject": "customer/unknown"}
    assert "What failed" in dashboard.page(view="subject", subject="invoice/7").text


def test_the_parameters_of_the_widget_are_a_search(deployment: Deployment, dashboard: Dashboard) -> None:
    """A dashboard of one function shows its runs; the form replaces them."""
    failed_run(deployment)
    dashboard.params = {"function": "warn"}
    assert "No runs match" in dashboard.page().text
    dashboard.form = {"function": "book"}
    assert "1 run, 1 failed" in dashboard.page().text


def test_the_time_range_selects_the_runs(deployment: Deployment, dashboard: Dashboard) -> None:
    """The zoom of a person precedes the range of the dashboard, and the field of the form precedes both."""
    failed_run(deployment)
    past = {"start": 1_627_236_199_729, "end": 1_627_236_199_729 + HOUR_MS}
    dashboard.context = {"timeRange": past}
    page = dashboard.page()
    assert "No runs match" in page.text
    assert "Settled from 2021-07-25 18:03 to 2021-07-25 19:03 UTC." in page.text
    dashboard.form = {"period": "1h"}
    assert "2 runs" in dashboard.page().text
    dashboard.form, dashboard.context = {}, {"timeRange": {"start": 0, "end": 4_102_444_800_000, "zoom": past}}
    assert "Settled from 2021-07-25 18:03" in dashboard.page().text


def test_runs_after_the_time_range_are_left_out(deployment: Deployment, dashboard: Dashboard) -> None:
    """Also in the hour in which the time range ends, and before it."""
    now = now_ms()
    for minutes in (0, 10, 20, 90):
        event = {"id": f"e{minutes}", "type": "x"}
        settled(deployment, f"invoice/{minutes}", "book", event, settled_at=now - minutes * 60_000)
    dashboard.context = {"timeRange": {"start": now - HOUR_MS, "end": now - 300_000}}
    text = dashboard.page().text
    assert "2 runs" in text
    assert [f"invoice/{minutes} " in text for minutes in (0, 10, 20, 90)] == [False, True, True, False]


def test_a_long_list_says_that_it_is_cut(
    deployment: Deployment, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only as many runs are read as are shown."""
    monkeypatch.setattr(run_table, "PER_PAGE", 2)
    for number in range(4):
        settled(deployment, f"invoice/{number}", "book", {"id": f"e{number}", "type": "x"})
    page = dashboard.page()
    assert "Only the newest 2 runs are shown" in page.text
    assert "rows 1 to 2" in page.text


@pytest.mark.parametrize(("given", "theme"), [("dark", "dark"), ("light", "light"), ("neon", "auto"), (None, "auto")])
def test_it_has_the_theme_of_the_dashboard(dashboard: Dashboard, given: str | None, theme: str) -> None:
    """An unknown theme follows the system of the reader."""
    dashboard.context = {"theme": given}
    assert f'<div class="herald" data-theme="{theme}">' in dashboard.call()


def test_an_error_names_what_is_wrong(deployment: Deployment, dashboard: Dashboard) -> None:
    """The form stays, so that a person can correct it."""
    page = dashboard.page(view="subject", subject="s3://invoices/in/unknown.json")
    assert "nothing found for s3://invoices/in/unknown.json" in page.text
    assert "The widget may not read the objects of your buckets" in page.text
    assert "View: subject subject s3://invoices/in/unknown.json" in page.text
    assert "subject" in fields(page)
    assert "has no view windows; it has runs, subject, trace" in dashboard.page(view="windows").text
    deployment.client("dynamodb").delete_table(TableName="ledger")
    assert "ResourceNotFoundException" in dashboard.page().text


def test_an_answer_is_smaller_than_lambda_allows(
    deployment: Deployment, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long inputs and log lines are cut; an answer that is still too large is an error with a remedy."""
    failed_run(deployment)
    monkeypatch.setattr(widget_views, "TEXT", 10)
    assert "characters)" in dashboard.page(view="subject", subject="invoice/7").text
    monkeypatch.setattr(handler, "ANSWER_BYTES", 5_000)
    assert "Use `herald why` instead." in dashboard.page(view="subject", subject="invoice/7").text
