"""An event is read from what people have: a file, a line of a log or of the journal, a message of a queue."""

import json
from typing import Any

import pytest

from herald.errors import CommandError
from herald.explanation.given_event import read
from tests.events import cloud_event, object_created

EVENT = cloud_event(id="7")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(EVENT, indent=2),
        f"2026-11-12T00:00:00Z INFO {json.dumps(EVENT)}\n",
        json.dumps({"message": "received", "event": EVENT}),
        json.dumps({"Body": json.dumps(EVENT), "MessageId": "1"}),
        json.dumps({"Messages": [{"Body": json.dumps(EVENT)}]}),
        json.dumps({"Records": [{"eventSource": "aws:sqs", "body": json.dumps(EVENT)}]}),
        json.dumps({"dead_letters": [{"body": json.dumps(EVENT)}]}),
        json.dumps(json.dumps(EVENT)),
    ],
)
def test_the_envelope_is_found(text: str) -> None:
    """Also as the body of a message, and after other text in the line."""
    assert read(text) == EVENT


def test_a_cloud_event_gets_its_envelope() -> None:
    """As the bus adds it."""
    found = read(json.dumps(EVENT["detail"]))
    assert (found["source"], found["detail-type"], found["detail"]) == ("shop", "customer.created", EVENT["detail"])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("no json", "the text has no event as JSON"),
        (json.dumps({"a": 1}), "the JSON is not an event: detail is missing"),
        ('"7"', "the JSON is not an object"),
        (f"{json.dumps(EVENT)}\n{json.dumps(EVENT)}", "the text has several events: give one line of it"),
        (json.dumps({"Messages": []}), "Messages has 0 messages: give one of them"),
        (json.dumps({"subject": "a/b", "event_id": "e1"}), "this line of a log names an event and does not contain it"),
        (json.dumps({"Records": [{"eventSource": "aws:s3"}]}), "this is a notification that S3 sends to a queue"),
    ],
)
def test_another_text_is_refused(given: str, reason: str) -> None:
    """The message says what is accepted, or what to do."""
    with pytest.raises(CommandError) as refused:
        read(given)
    assert str(refused.value).startswith(reason)


def test_a_message_of_a_device_is_an_event() -> None:
    """It has no envelope of EventBridge."""
    message: dict[str, Any] = {"topic": "a", "received_at": 1}
    assert read(json.dumps(message)) == message
    assert read(json.dumps(object_created()))["source"] == "aws.s3"
