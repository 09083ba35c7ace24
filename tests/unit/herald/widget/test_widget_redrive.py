"""A redrive from the widget: behind a confirmation, with lines in the log of its function."""

import json
import logging
from typing import Any

import pytest

from herald.deployment import queues
from herald.deployment.deployment import Deployment
from herald.widget import widget_redrive
from tests.unit.herald.page.failed_run import dead_letter, failed_run
from tests.unit.herald.widget.dashboard import Action, Dashboard, actions


def button(dashboard: Dashboard) -> Action:
    """Return the action of the redrive button on the run page."""
    (found,) = [
        each for each in actions(dashboard.call(view="subject", subject="invoice/7")) if each.sent["view"] == "redrive"
    ]
    return found


def counts(deployment: Deployment) -> tuple[int, int]:
    """Return the number of messages in the queue of `book`, and in its dead-letter queue."""
    sqs, urls = deployment.client("sqs"), deployment.queues["book"]
    return queues.count(sqs, urls["queue"]), queues.count(sqs, urls["dead_letters"])


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the lines of the log about redrives."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [each for each in lines if str(each["message"]).startswith("redrive ")]


@pytest.fixture(autouse=True)
def fresh_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the logger anew, so that it writes where the test reads; the level of the environment is higher."""
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "CRITICAL")
    logging.Logger.manager.loggerDict.pop(widget_redrive.SERVICE, None)
    widget_redrive._audit.cache_clear()  # noqa: SLF001 - no other way to the output of this test


def test_the_button_asks_before_it_redrives(deployment: Deployment, dashboard: Dashboard) -> None:
    """The question names the function and the subject; the result does not replace the run page."""
    failed_run(deployment)
    dead_letter(deployment)
    found = button(dashboard)
    assert found.attributes["confirmation"] == (
        "Redrive the dead letters of book about invoice/7? "
        "They move to the queue of book, and each event runs once more."
    )
    assert found.attributes["display"] == "popup"
    assert found.sent == {"view": "redrive", "function": "book", "subject": "invoice/7"}
    assert counts(deployment) == (0, 1)


def test_a_redrive_moves_the_chosen_dead_letters_and_is_logged(
    deployment: Deployment, dashboard: Dashboard, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it begins and after it ends; the lines have all that CloudWatch passes about the caller."""
    failed_run(deployment)
    dead_letter(deployment)
    dead_letter(deployment, subject="invoice/8")
    sent = button(dashboard).sent
    capsys.readouterr()
    page = dashboard.page(**sent)
    assert "1 dead letter redriven." in page.text
    assert not [name for name, _ in page.elements if name == "form"]
    assert counts(deployment) == (1, 1)
    requested, ended = logged(capsys)
    assert (requested["message"], ended["message"]) == ("redrive requested", "redrive ended")
    for line in (requested, ended):
        assert (line["function"], line["subject"], line["level"]) == ("book", "invoice/7", "INFO")
        assert (line["account"], line["dashboard"], line["widget"]) == ("123456789012", "herald-dev", "widget-9")
        assert line["caller"] == "not known: CloudWatch passes the account only"
    assert (ended["moved"], ended["refused"], ended["failed"]) == (1, 0, 0)


def test_a_dead_letter_that_was_redriven_too_often_stays(deployment: Deployment, dashboard: Dashboard) -> None:
    """The widget has no --force."""
    dead_letter(deployment, generation=3)
    page = dashboard.page(view="redrive", function="book", subject="invoice/7")
    assert "1 dead letter not redriven. Redriven 3 times already: `herald dlq redrive --force`" in page.text
    assert counts(deployment) == (0, 1)


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({}, "names no function"),
        ({"function": "bok"}, "book"),
        ({"function": "book", "subject": "invoice/*"}, "ends in *"),
    ],
)
def test_a_redrive_needs_a_function_and_a_whole_subject(
    deployment: Deployment, dashboard: Dashboard, sent: dict[str, str], fault: str
) -> None:
    """Nothing moves, and nothing is logged as a redrive."""
    dead_letter(deployment)
    assert fault in dashboard.page(view="redrive", **sent).text
    assert counts(deployment) == (0, 1)


def test_a_dashboard_does_not_redrive_by_itself(deployment: Deployment, dashboard: Dashboard) -> None:
    """Parameters of the widget are sent at each refresh, without a confirmation."""
    dead_letter(deployment)
    dashboard.params = {"view": "redrive", "function": "book"}
    assert "a redrive needs a person" in dashboard.page().text
    assert counts(deployment) == (0, 1)


def test_a_long_queue_is_left_to_the_command_line(
    deployment: Deployment, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function would reach its timeout and hide messages for 15 minutes."""
    dead_letter(deployment)
    monkeypatch.setattr(widget_redrive, "MOST", 0)
    text = dashboard.page(view="redrive", function="book").text
    assert "at most 0. Use `herald dlq redrive --function book`" in text
    assert counts(deployment) == (0, 1)
