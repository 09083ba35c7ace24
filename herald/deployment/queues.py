"""SQS messages on the move: received, sent and deleted in this order, so that a crash may repeat one but lose none."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any, Final, Self

from functions.runtime.run.batching import ENTRIES_PER_CALL, calls

PER_CALL: Final = ENTRIES_PER_CALL  # the most a call of SQS takes, or gives
# How long messages stay hidden from others while a queue is read; a command that is killed releases them then.
HOLD_SECONDS: Final = 900
# Messages of a queue so large that they come back before it is read through are seen again: then this is the end.
SEEN_AGAIN: Final = 50
WAIT_SECONDS: Final = 1
# Delayed messages are left out: these are wakes (run.wake), for which nobody waits until they are due.
WAITING: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
)

type Message = Mapping[str, Any]
type Progress = Callable[[int], None]


@dataclass
class Hold:
    """The messages of one queue, each received once and hidden until the end, when what is left is released."""

    sqs: Any
    url: str
    _held: dict[str, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def __enter__(self) -> Self:
        """Begin with nothing received."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the messages that were not deleted be seen again at once."""
        for group in batched(self._held.values(), PER_CALL, strict=False):
            entries = [{"Id": str(n), "ReceiptHandle": each, "VisibilityTimeout": 0} for n, each in enumerate(group)]
            self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)

    def batches(self) -> Iterator[list[Message]]:
        """Yield the messages, ten at a time, until the queue hands out no new ones."""
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
        """Delete messages for good; one that SQS does not delete is seen again."""
        for group in batched(messages, PER_CALL, strict=False):
            entries = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(group)]
            reply = self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)
            for done in reply.get("Successful", []):
                del self._held[group[int(done["Id"])]["MessageId"]]


def count(sqs: Any, url: str) -> int:  # noqa: ANN401 - boto3 makes clients dynamically
    """Return about how many messages a queue holds, those in somebody's hands included."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(WAITING))["Attributes"]
    return sum(map(int, found.values()))


def post(sqs: Any, url: str, messages: Sequence[Message]) -> list[int]:  # noqa: ANN401 - as above
    """Send messages (`MessageBody`, `MessageAttributes`) in few calls; return the places of those that SQS took."""
    taken = []
    sizes = {
        place: len(str(each["MessageAttributes"])) + len(each["MessageBody"].encode())
        for place, each in enumerate(messages)
    }
    for places in calls(sizes):
        entries = [{"Id": str(place), **messages[place]} for place in places]
        try:
            reply = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        except sqs.exceptions.BatchRequestTooLong:  # one message alone, which leaves no room for its attribute
            continue
        taken += [int(done["Id"]) for done in reply.get("Successful", [])]
    return taken


@dataclass
class Pace:
    """Holds a rate of so many messages a second; None is as fast as it goes."""

    rate: float | None
    _next: float = 0.0

    def wait(self, messages: int) -> None:
        """Return when so many messages may go."""
        if self.rate is None:
            return
        now = time.monotonic()
        time.sleep(max(0.0, self._next - now))
        self._next = max(now, self._next) + messages / self.rate
