"""The views of the local page collect what they show from a deployment."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from herald.deployment.deployment import Deployment
from herald.page.server import run_source
from herald.page.shapes import Filters, RunLine
from tests.unit.herald.investigate.installation import FILE, enqueue, now_ms, settled
from tests.unit.herald.page.answers import HOSTILE, run_line
from tests.unit.herald.page.failed_run import dead_letter, failed_run
from tests.unit.herald.page.reading import Page
from tests.unit.herald.page.served import Visitor


def test_the_list_shows_runs_by_the_index(deployment: Deployment, visitor: Visitor) -> None:
    """All runs that were settled in the period; a filter selects among them."""
    failed_run(deployment)
    text = Page(visitor.get("/").text).text
    assert "2 runs, 1 failed or retrying" in text
    assert "1 run, 1 failed or retrying" in Page(visitor.get("/", function="book").text).text
    assert "invoice/7" in text
    assert "No runs match" in Page(visitor.get("/", decision="stale").text).text
    assert "no answer within 10 s" in Page(visitor.get("/", error="ANSWER", since="2h").text).text


def test_the_run_page_has_input_and_log_lines(deployment: Deployment, visitor: Visitor) -> None:
    """The event is that of the journal; only log lines with the id of the event are shown."""
    failed_run(deployment)
    text = Page(visitor.get("/subject", subject="invoice/7").text).text
    assert text.index("What failed") < text.index("no answer within 10 s") < text.index('"sum": 5')
    assert '{"event_id": "e7", "n": 1}' in text
    assert "e8" not in text


def test_the_failure_below_a_subject_comes_first(deployment: Deployment, visitor: Visitor) -> None:
    """The page of the file begins with the run of another function that failed."""
    failed_run(deployment)
    text = Page(visitor.get("/subject", subject=FILE).text).text
    assert text.index("no answer within 10 s") < text.index("Runs of this subject")


def test_an_unreadable_log_is_named(deployment: Deployment, visitor: Visitor) -> None:
    """Without permission or log group, the page still shows the run."""
    more: dict[str, Any] = {"decision": "dead", "reason": "r"}
    settled(deployment, "invoice/7", "book", {"id": "e7", "type": "invoice.totalled"}, **more)
    text = Page(visitor.get("/subject", subject="invoice/7").text).text
    assert "No log lines of this event found in /aws/lambda/herald-dev-book" in text


@pytest.mark.parametrize("asked", ["c1", "invoice/7"])
def test_the_trace_begins_at_the_first_subject(deployment: Deployment, visitor: Visitor, asked: str) -> None:
    """Of a correlation id, or of a subject."""
    failed_run(deployment)
    text = Page(visitor.get("/trace", id=asked).text).text
    assert f"Trace {asked}" in text
    assert "1 run, 1 failed or retrying. It begins at invoice/7" in text


@pytest.mark.parametrize("asked", ["in/7.json", "e7"])
def test_what_a_person_knows_leads_to_the_run_page(deployment: Deployment, visitor: Visitor, asked: str) -> None:
    """A short name of an object, or the id of an event."""
    failed_run(deployment)
    page = Page(visitor.get("/subject", subject=f"invoices/{asked}" if "/" in asked else asked).text)
    assert "no answer within 10 s" in page.text


def test_a_bucket_has_its_short_name_in_lists(deployment: Deployment) -> None:
    """The link leads to the whole subject."""
    visitor = Visitor(deployment, lambda *_: [run_line(1, subject=FILE, time=now_ms())])
    page = Page(visitor.get("/").text)
    assert "invoices/in/7.json" in page.text
    assert FILE not in page.text
    assert "/subject?subject=s3%3A%2F%2Finvoices%2Fin%2F7.json" in [each.get("href") for _, each in page.elements]


def test_functions_have_their_health(deployment: Deployment, visitor: Visitor) -> None:
    """State, messages in the queue, age of the oldest one and dead letters."""
    enqueue(deployment, "book")
    dead_letter(deployment)
    when = datetime.now(UTC) - timedelta(minutes=2)
    name = deployment.queues["book"]["queue"].rpartition("/")[2]
    metric = {"MetricName": "ApproximateAgeOfOldestMessage", "Value": 7_300.0, "Timestamp": when}
    deployment.client("cloudwatch").put_metric_data(
        Namespace="AWS/SQS", MetricData=[metric | {"Dimensions": [{"Name": "QueueName", "Value": name}]}]
    )
    del deployment.all_queues["warn"]
    text = Page(visitor.get("/functions").text).text
    assert "book d paused 1 message 2 h 1 dead letter o" in text
    assert "warn d not deployed 0 messages none 0 dead letters o" in text


def test_5000_runs_have_pages_that_keep_the_filters(deployment: Deployment) -> None:
    """A page beyond the last shows the last; a page number that is no number shows the first."""
    found = [run_line(number, time=now_ms() - number) for number in range(5_000)]
    visitor = Visitor(deployment, lambda *_: found)
    page = Page(visitor.get("/", decision="processed", page="45").text)
    assert "Page 45 of 45" in page.text
    assert "/?decision=processed&page=44" in [each.get("href") for _, each in page.elements]
    assert "Page 45 of 45" in Page(visitor.get("/", decision="processed", page="99").text).text
    for odd in ("0", "-1", "x", "9" * 30, "²"):
        assert "Page 1 of 50" in Page(visitor.get("/", page=odd).text).text


def test_only_the_first_page_updates_by_itself(deployment: Deployment) -> None:
    """And not after a person stopped the updates; without script the page reloads."""
    found = [run_line(number, time=now_ms() - number) for number in range(500)]
    visitor = Visitor(deployment, lambda *_: found)

    def updates(**query: str) -> bool:
        elements = Page(visitor.get("/", **query).text).elements
        assert (("noscript", {}) in elements) is (("script", {"src": "/live.js", "defer": ""}) in elements)
        return ("noscript", {}) in elements

    assert (updates(), updates(page="2"), updates(live="off")) == (True, False, False)


def test_runs_are_the_newest_first_and_within_the_period(deployment: Deployment) -> None:
    """A run without a time is open, and leads."""
    since = datetime.now(UTC)
    begin = int(since.timestamp() * 1000)
    lines: list[RunLine] = [
        run_line(1, time=begin + 1),
        run_line(2, time=begin + 2),
        run_line(3, time=begin - 10),
        run_line(4, time=None),
    ]
    found = run_source.recent_runs(deployment, since, Filters(), lambda *_: lines)
    assert [run["event_id"] for run in found] == ["e4", "e2", "e1"]


@pytest.mark.parametrize(
    ("path", "query", "status", "fault"),
    [
        ("/subject", {}, 400, "the address has no subject"),
        ("/subject", {"subject": "s3://gone/a"}, 400, "nothing found for s3://gone/a"),
        ("/subject", {"subject": HOSTILE.replace("\ud800", "")}, 400, "<script>alert(1)</script>"),
        ("/trace", {}, 400, "the address has no id"),
        ("/", {"since": "soon"}, 400, "'soon' is not a time"),
        ("/missing", {}, 404, "There is no page /missing."),
    ],
)
def test_an_error_is_a_page_that_names_what_and_where(
    visitor: Visitor, path: str, query: dict[str, str], status: int, fault: str
) -> None:
    """It is shown as text."""
    answer = visitor.get(path, **query)
    page = Page(answer.text)
    assert answer.status_code == status
    assert fault in page.text
    assert "local AWS, environment dev" in page.text
    assert page.active() == []


def test_an_error_of_aws_is_a_page(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the operation and the view."""

    def denied(*_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not allowed"}}, "Query")

    monkeypatch.setattr(run_source, "settled", denied)
    answer = visitor.get("/")
    assert answer.status_code == 502
    assert "calling the Query operation: not allowed" in Page(answer.text).text
