"""What people type or paste is read as a subject, an event, a function or a word; everything else is refused."""

import json
from typing import Any, Final

import pytest

from herald.deployment.short_names import ShortNames
from herald.errors import CommandError
from herald.targets import pasted
from herald.targets.target import Target
from tests.events import body, cloud_event, object_created

BUCKET: Final = "herald-dev-storage-outputs1f2e-abc"
NAMES: Final = ShortNames({"outputs": BUCKET}, "dev")
OBJECT: Final = Target(subject=f"s3://{BUCKET}/reports/a b+ü.xml")
NOTIFY: Final = Target(function="notify")
CONSOLE: Final = "https://eu-west-1.console.aws.amazon.com"
LOGS: Final = f"{CONSOLE}/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252F"
KEY: Final = "reports%2Fa+b%2B%C3%BC.xml"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("customer/42", Target(subject="customer/42")),
        ("outputs/reports/a b+ü.xml", OBJECT),
        ("s3://outputs/reports/a b+ü.xml\n", OBJECT),
        (f"s3://{BUCKET}/reports/a b+ü.xml", OBJECT),
        (f"arn:aws:s3:::{BUCKET}/reports/a b+ü.xml", OBJECT),
        (f"{CONSOLE}/s3/object/{BUCKET}?region=eu-west-1&bucketType=general&prefix={KEY}", OBJECT),
        (f"https://s3.console.aws.amazon.com/s3/object/{BUCKET}?prefix={KEY}&region=eu-west-1", OBJECT),
        (f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/reports/a%20b%2B%C3%BC.xml", OBJECT),
        ("subject:outputs/7", Target(subject="outputs/7")),
        ("s3://outputs/{a}", Target(subject=f"s3://{BUCKET}/{{a}}")),
        ("17d68bb35f846f48", Target(word="17d68bb35f846f48")),
        ("arn:aws:lambda:eu-west-1:111122223333:function:herald-dev-notify:7", NOTIFY),
        ("arn:aws:sqs:eu-west-1:111122223333:herald-dev-notify-dead", NOTIFY),
        ("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/herald-dev-notify:*", NOTIFY),
        (f"{LOGS}herald-dev-notify/log-events/2026$252F11$252F28$252F$255B$2524LATEST$255Dab", NOTIFY),
        (f"{LOGS}herald-dev-notify/log-events$3FfilterPattern$3D$2522e1$2522$26start$3D1", Target(word="e1")),
        (f"{LOGS}x/log-events$3FfilterPattern$3D$257B$2524.event_id$253D$2522e1$2522$257D", Target(word="e1")),
        (f"{CONSOLE}/lambda/home?region=eu-west-1#/functions/herald-dev-notify?tab=monitoring", NOTIFY),
        (
            f"{CONSOLE}/sqs/v3/home#/queues/https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F1%2Fherald-dev-notify-dead",
            NOTIFY,
        ),
    ],
)
def test_a_text_is_read(text: str, expected: Target) -> None:
    """Objects by any of their names, functions by theirs and their queues'; a word is found later."""
    assert pasted.read(text, NAMES) == expected


@pytest.mark.parametrize("before", ["", "2026-11-28T11:00:00.000Z\t", "[INFO] "])
def test_a_line_of_a_log_names_its_event(before: str) -> None:
    """Also with the time that CloudWatch shows before it; the correlation id is used if there is no other id."""
    line: dict[str, Any] = {
        "message": "notify processed",
        "subject": "s3://b/k",
        "event_id": "e1",
        "correlation_id": "c",
    }
    assert pasted.read(before + json.dumps(line), NAMES) == Target(subject="s3://b/k", event_id="e1")
    assert pasted.read(json.dumps({"correlation_id": "c"}), NAMES) == Target(word="c")


def test_an_event_names_itself() -> None:
    """As it is in the journal, in a message of a queue, and in a dead letter."""
    sent = cloud_event(id="e1", subject="customer/42")
    assert pasted.read(body(sent), NAMES) == Target(subject="customer/42", event_id="e1")
    written = pasted.read(json.dumps(object_created("reports/a.xml", bucket="b")), NAMES)
    assert written.subject == "s3://b/reports/a.xml"
    assert written.event_id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  ", "the subject is empty"),
        ('{"a": 1}', "has none of the keys subject, event_id, correlation_id, and is not an event"),
        ("https://example.com/x", "is not a link of the AWS console"),
        (f"{CONSOLE}/s3/buckets/{BUCKET}", "but not of an object"),
        (f"{CONSOLE}/s3/object/{BUCKET}?region=eu-west-1", "its parameter prefix is missing"),
        (f"{CONSOLE}/cloudwatch/home?region=eu-west-1#xray:traces/1-67a-b", "copy the annotation event_id"),
        ("arn:aws:iam::111122223333:role/x", "is not the ARN of an object, a function, a queue"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:herald-prod-notify", "--env selects another environment"),
    ],
)
def test_what_names_nothing_is_refused(text: str, said: str) -> None:
    """The message says what the text is."""
    with pytest.raises(CommandError) as refused:
        pasted.read(text, NAMES)
    assert said in str(refused.value)


def test_an_option_takes_a_word_as_a_subject_and_refuses_a_function() -> None:
    """The dead letters of a subject are not selected by an id."""
    assert pasted.subject("nobody", NAMES) == "nobody"
    assert pasted.subject("outputs/reports/*", NAMES) == f"s3://{BUCKET}/reports/*"
    with pytest.raises(CommandError, match="use --function"):
        pasted.subject("arn:aws:sqs:eu-west-1:111122223333:herald-dev-notify", NAMES)
