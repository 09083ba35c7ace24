"""Invalid input is rejected with a reason; nothing is lost, and valid input beside it is processed."""

import json

import pytest

from infra.declarations import loader
from tests.emulator.support.deployed import Aws
from tests.emulator.support.reports import GREEN
from tests.events import body, cloud_event, object_created

BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><testsuite><testcase>&i;</testcase></testsuite>"
)
CASES = 100_000


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty", b"", "the report is empty (0 bytes)"),
        ("bomb", BOMB.encode(), "the report has a document type declaration, which is not allowed"),
        (
            "external",
            b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>',
            "the report has a document type declaration, which is not allowed",
        ),
        ("truncated", GREEN[:-5], "the report is not well-formed XML"),
        ("binary", bytes(range(256)) * 40, "the report is not well-formed XML"),
        ("page", b"<html/>", "the root element is <html>: this is not a JUnit report"),
    ],
)
def test_an_invalid_report_is_rejected_and_others_are_processed(
    aws: Aws, name: str, content: bytes, reason: str
) -> None:
    """The invalid report is in the dead-letter queue with its reason; those before and after it are processed."""
    subjects = [aws.put(f"reports/{name}-{place}.xml", GREEN) for place in ("before", "after")]
    broken = aws.put(f"reports/{name}.xml", content)
    (decision,) = aws.decisions(broken)
    assert (decision["decision"], decision["reason"][: len(reason)]) == ("rejected", reason)
    assert [aws.decisions(subject)[0]["decision"] for subject in subjects] == ["processed", "processed"]
    message, why = aws.dead_letter("summarise_test_report")
    assert f"reports/{name}.xml" in message
    assert (why["reason"], why["attempts"], why["correlation_id"]) == (
        decision["reason"],
        1,
        decision["correlation_id"],
    )


@pytest.mark.parametrize(
    "key",
    [
        "reports/with space +plus&and=equals.xml",
        "reports/ünïcödé/测试/😀.xml",
        "reports/../up/../../there.xml",
        "reports/quotes'\"`$(x).xml",
        "reports/new\nline\ttab.xml",
        "reports/%2e%2e/percent%20.xml",
        "reports/" + "k" * 1_012 + ".xml",
        "reports/" + "ü" * 506 + ".xml",
    ],
    ids=lambda key: key.encode("unicode_escape").decode()[:24],
)
def test_a_key_may_have_any_characters(aws: Aws, key: str) -> None:
    """Characters with a meaning in a shell, a path, a URL or JSON have none here; long keys have summaries too."""
    (decision,) = aws.decisions(aws.put(key, GREEN))
    assert (decision["decision"], decision["where"]["key"]) == ("processed", key)
    assert aws.artifact(decision)["report"].endswith(key)


def test_an_object_of_five_gigabytes_is_rejected_unread(aws: Aws) -> None:
    """The size in the event is checked before the object is read, so the object need not exist."""
    bucket = aws.deployment.bucket("outputs")
    aws.enqueue("summarise_test_report", body(object_created("reports/huge.xml", bucket=bucket, size=5 * 1024**3)))
    (decision,) = aws.decisions(f"s3://{bucket}/reports/huge.xml")
    assert decision["decision"] == "rejected"
    memory = aws.deployment.specs["summarise_test_report"].memory_mb
    assert "has 5,368,709,120 bytes, more than the " in decision["reason"]
    assert f"memory_mb = {memory} allows:" in decision["reason"]
    assert aws.dead_letter("summarise_test_report")[1]["reason"] == decision["reason"]


def test_an_object_deleted_before_it_is_read_is_rejected(aws: Aws) -> None:
    """The reason says that the object was deleted."""
    bucket, key = aws.deployment.bucket("outputs"), "elsewhere/gone.xml"
    aws.deployment.client("s3").put_object(Bucket=bucket, Key=key, Body=GREEN)
    aws.deployment.client("s3").delete_object(Bucket=bucket, Key=key)
    aws.enqueue("summarise_test_report", body(object_created(key, None, bucket=bucket)))
    (decision,) = aws.decisions(f"s3://{bucket}/{key}")
    assert (decision["decision"], decision["reason"]) == (
        "rejected",
        f"s3://{bucket}/{key} was deleted before it was read",
    )
    assert aws.dead_letter("summarise_test_report")[1]["reason"] == decision["reason"]


def test_a_hundred_thousand_cases_are_counted(aws: Aws) -> None:
    """A large report is summarized, and its event is small."""
    case = b'<testcase classname="c" name="t"><failure message="m"/></testcase>'
    (decision,) = aws.decisions(aws.put("reports/large.xml", b"<testsuite>" + case * CASES + b"</testsuite>"))
    assert decision["decision"] == "processed"
    summary = aws.artifact(decision)
    assert (summary["tests"], summary["failed"]) == (CASES, CASES)
    assert len(summary["failing"]) + summary["failing_omitted"] == CASES


@pytest.mark.parametrize("message", ["not json", "[]", '{"source": "aws.s3", "detail": {}}'])
def test_a_message_that_is_not_an_event_is_rejected(aws: Aws, message: str) -> None:
    """Its subject is the queue, and the body of the dead letter is the message."""
    aws.enqueue("notify", message)
    dead, why = aws.dead_letter("notify")
    assert (dead, why["error"]) == (message, "EnvelopeError")
    assert ("rejected", why["reason"]) in [(each["decision"], each["reason"]) for each in aws.decisions("queue/notify")]


@pytest.mark.parametrize(
    ("name", "attributes", "reason"),
    [
        ("text", {"data": {"tests": "two"}}, 'report.published/1: data.tests breaks type: "integer"'),
        ("future", {"dataschema": "herald:report.published/7"}, "report.published/7: notify reads 1 only"),
        (
            "foreign",
            {"dataschema": "https://example.com/1"},
            "dataschema is not herald:report.published/",
        ),
    ],
)
def test_an_event_that_breaks_its_contract_is_rejected_and_others_are_processed(
    aws: Aws, name: str, attributes: dict[str, dict[str, str]], reason: str
) -> None:
    """An unchecked producer puts three events on the bus: two are processed, one is in the dead-letter queue."""
    good = loader.sample("report.published/red")["detail"]["data"] | {"unknown": "is fine"}
    broken = attributes | {"data": good | attributes.get("data", {})}
    subjects = [f"report/{name}-{place}" for place in ("before", "broken", "after")]
    for subject, each in zip(subjects, ({"data": good}, broken, {"data": good}), strict=True):
        source = "herald.summarise_test_report"
        event = cloud_event(source=source, type="report.published", subject=subject, **each)["detail"]
        entry = {"Source": event["source"], "DetailType": event["type"], "Detail": json.dumps(event)}
        aws.deployment.client("events").put_events(Entries=[entry | {"EventBusName": aws.deployment.outputs["Bus"]}])
    decisions = [aws.decisions(subject)[0] for subject in subjects]
    assert [each["decision"] for each in decisions] == ["processed", "rejected", "processed"]
    _, why = aws.dead_letter("notify")
    assert (why["reason"], why["error"]) == (decisions[1]["reason"], "ContractError")
    assert why["reason"].startswith(reason)
