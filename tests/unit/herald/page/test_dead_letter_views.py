"""Dead letters and redrives on the local page."""

import pytest

from herald.deployment import queues
from herald.deployment.deployment import Deployment
from tests.unit.herald.page.failed_run import dead_letter
from tests.unit.herald.page.reading import Page
from tests.unit.herald.page.served import Visitor


def test_a_redrive_says_what_it_will_do_and_reports_the_result(deployment: Deployment, visitor: Visitor) -> None:
    """The first request changes nothing; the form of the page moves the selected dead letters."""
    dead_letter(deployment)
    dead_letter(deployment, subject="invoice/8")
    shown = visitor.get("/redrive", function="book", subject="invoice/7").text
    assert "Redrive 1 dead letter?" in shown
    assert "1 message will move from the dead-letter queue to the queue of book." in shown
    form = {str(each["name"]): each["value"] for name, each in Page(shown).elements if name == "input"}
    assert form["form_token"] == visitor.gate.form_token
    sqs, urls = deployment.client("sqs"), deployment.queues["book"]
    assert (queues.count(sqs, urls["queue"]), queues.count(sqs, urls["dead_letters"])) == (0, 2)
    done = visitor.post("/redrive", **form).text
    assert "1 dead letter redriven." in done
    assert (queues.count(sqs, urls["queue"]), queues.count(sqs, urls["dead_letters"])) == (1, 1)
    assert visitor.audited == ["1 dead letter redriven: function book, subject invoice/7"]


def test_a_dead_letter_that_was_redriven_too_often_stays(deployment: Deployment, visitor: Visitor) -> None:
    """The page names the command that redrives it all the same, and offers no button."""
    dead_letter(deployment, generation=3)
    shown = Page(visitor.get("/redrive", function="book").text)
    assert "Redrive 0 dead letters?" in shown.text
    assert "herald dlq redrive --force" in shown.text
    assert not [name for name, _ in shown.elements if name == "button"]
    assert "1 dead letter not redriven" in visitor.post("/redrive", function="book").text


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        ({}, "names no function"),
        ({"function": "bok"}, "book"),
        ({"function": "book", "subject": "invoice/*"}, "ends in *"),
    ],
)
def test_a_redrive_needs_a_function_and_a_whole_subject(visitor: Visitor, chosen: dict[str, str], fault: str) -> None:
    """A subject with a star would select others too."""
    for answer in (visitor.get("/redrive", **chosen), visitor.post("/redrive", **chosen)):
        assert answer.status_code == 400
        assert fault in Page(answer.text).text


def test_dead_letters_are_listed_and_stay(deployment: Deployment, visitor: Visitor) -> None:
    """Of all functions, or of one."""
    dead_letter(deployment)
    for function in ("", "book"):
        text = Page(visitor.get("/dead-letters", function=function).text).text
        assert "no answer within 10 s" in text
    assert "No dead letters" in Page(visitor.get("/dead-letters", function="warn").text).text
    assert queues.count(deployment.client("sqs"), deployment.queues["book"]["dead_letters"]) == 1
