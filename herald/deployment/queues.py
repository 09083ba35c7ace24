"""SQS queues and their messages. Commands receive, send, then delete: a crash may repeat a message but loses none."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched
from typing import Any, Final, Self

from functions.runtime.run.batching import ENTRIES_PER_CALL, calls

PER_CALL: Final = ENTRIES_PER_CALL  # the most messages that one call of SQS sends, receives or deletes
# The visibility timeout while a command reads a queue; when a command is killed, its messages are visible again then.
HOLD_SECONDS: Final = 900
# A queue may be so large that messages become visible again before the command has read all of them. The command stops
# after this many receive calls in a row without a new message.
SEEN_AGAIN: Final = 50
WAIT_SECONDS: Final = 1
# Delayed messages do not count: they are wakes (run.wake), which wait for their time.
WAITING: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
)

type Message = Mapping[str, Any]


@dataclass
class Hold:
    """Receives each message of a queue once and hides it; on exit the messages that were not deleted are visible."""

    sqs: Any
    url: str
    _held: dict[str, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def __enter__(self) -> Self:
        """Start with no messages received."""
        return self

    def __exit__(self, *_: object) -> None:
        """Make the messages that were not deleted visible at once."""
        for group in batched(self._held.values(), PER_CALL, strict=False):
            entries = [{"Id": str(n), "ReceiptHandle": each, "VisibilityTimeout": 0} for n, each in enumerate(group)]
            self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)

    def batches(self) -> Iterator[list[Message]]:
        """Yield up to ten messages at a time, until the queue returns no new messages."""
        known = 0
        while known < SEEN_AGAIN:
            reply = self.sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=PER_CALL,
                VisibilityTimeout=HOLD_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp"],
            )
            messages = reply.get("Messages", [])
            if not messages:
                return
            self._held |= {each["MessageId"]: each["ReceiptHandle"] for each in messages}
            new = [each for each in messages if each["MessageId"] not in self._seen]
            self._seen |= {each["MessageId"] for each in new}
            known = 0 if new else known + 1
            yield new

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages; a message that SQS does not delete becomes visible again on exit."""
        for group in batched(messages, PER_CALL, strict=False):
            entries = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(group)]
            reply = self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)
            for done in reply.get("Successful", []):
                del self._held[group[int(done["Id"])]["MessageId"]]


def find_queues(sqs: Any, prefix: str) -> dict[str, dict[str, str]]:  # noqa: ANN401 - boto3 creates client classes at run time
    """Return the URLs of the queue and the dead-letter queue by function; `prefix` precedes the function's name."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix)
    urls = {url.rpartition("/")[2]: url for page in pages for url in page.get("QueueUrls", [])}
    pairs = ((name.removesuffix("-dead"), url) for name, url in sorted(urls.items()) if name.endswith("-dead"))
    return {
        name.removeprefix(prefix): {"queue": urls[name], "dead_letters": url} for name, url in pairs if name in urls
    }


def count(sqs: Any, url: str) -> int:  # noqa: ANN401 - boto3 creates client classes at run time
    """Return approximately how many messages a queue holds, including those in flight."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(WAITING))["Attributes"]
    return sum(map(int, found.values()))


def created(sqs: Any, url: str) -> datetime:  # noqa: ANN401 - boto3 creates client classes at run time
    """Return when a queue was created; SQS has it in seconds since the epoch.

    Source: "GetQueueAttributes", Amazon SQS API Reference.
    """
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["CreatedTimestamp"])["Attributes"]
    seconds = int(float(found["CreatedTimestamp"]))  # moto has fractions
    return datetime.fromtimestamp(seconds, UTC)


def post(sqs: Any, url: str, messages: Sequence[Message]) -> list[int]:  # noqa: ANN401 - boto3 creates client classes at run time
    """Send messages (`MessageBody`, `MessageAttributes`) in few calls; return the indexes of those that SQS accepts."""
    accepted = []
    sizes = {
        index: len(str(each["MessageAttributes"])) + len(each["MessageBody"].encode())
        for index, each in enumerate(messages)
    }
    for indexes in calls(sizes):
        entries = [{"Id": str(index), **messages[index]} for index in indexes]
        try:
            reply = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        except sqs.exceptions.BatchRequestTooLong:  # a single message that has no room for its attribute
            continue
        accepted += [int(done["Id"]) for done in reply.get("Successful", [])]
    return accepted


@dataclass
class Pace:
    """Limits the rate in messages per second; None is no limit."""

    rate: float | None
    _next: float = 0.0

    def wait(self, messages: int) -> None:
        """Wait until the rate allows this many messages."""
        if self.rate is None:
            return
        now = time.monotonic()
        time.sleep(max(0.0, self._next - now))
        self._next = max(now, self._next) + messages / self.rate
