"""SQS, DynamoDB, EventBridge and S3 in memory, with faults that tests inject."""

import io
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from tests.partiql import Table

QUEUE_URL: Final = "queue"
LONGEST_DELAY: Final = 900  # seconds; SendMessageBatch, Amazon SQS API Reference
MESSAGE_BYTES: Final = 1_048_576  # SQS's limit of a message and of a batch, with attributes


class Message:
    """A message of the queue; `visible_at` and `sent_at` in ms since the epoch, `system` has more attributes of SQS."""

    def __init__(self, message_id: str, body: str, attributes: Mapping[str, Any], sent_at: int = 0) -> None:
        """Create a visible message that was never received."""
        self.id, self.body, self.attributes = message_id, body, dict(attributes)
        self.receives, self.visible_at, self.sent_at = 0, 0, sent_at
        self.system: dict[str, str] = {}


class StagedAws:
    """The AWS clients of the runtime.

    `fail` is called with the name of each AWS call before and after the call takes effect; the runtime receives the
    errors that it raises. `reply` may change the responses of a batch of statements. The other callables decide
    which entries are refused.
    """

    def __init__(self) -> None:
        """Create empty queues, an empty table and a fixed time."""
        self.now = 1_800_000_000_000
        self.queue: dict[str, Message] = {}
        self.dead: list[Message] = []
        self.events: list[dict[str, Any]] = []
        self.table = Table()
        self.objects: dict[tuple[str, str], bytes] = {}
        self.fail: Callable[[str, str], None] = lambda _call, _when: None
        self.reply: Callable[[list[Any]], list[Any]] = lambda responses: responses
        self.refuse: Callable[[dict[str, Any]], bool] = lambda _entry: False
        self.refuse_dead_letter: Callable[[str], bool] = lambda _body: False
        self.refuse_wake: Callable[[str], bool] = lambda _body: False
        self.ids = itertools.count(1)
        self.calls: Counter[str] = Counter()

    def send(self, *bodies: str, attributes: Mapping[str, Any] | None = None) -> list[str]:
        """Put messages into the queue; return their ids."""
        sent = [Message(f"m{next(self.ids)}", body, attributes or {}, self.now) for body in bodies]
        self.queue |= {message.id: message for message in sent}
        return [message.id for message in sent]

    def batch_execute_statement(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Run PartiQL statements, as DynamoDB does."""
        with self._called("statements"):
            answers = self.table.batch_execute_statement(**call)["Responses"]
        return {"Responses": self.reply(answers)}

    def batch_get_item(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Read items, as DynamoDB does."""
        with self._called("get"):
            return self.table.batch_get_item(**call)

    def send_message_batch(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Send messages to the dead-letter queue, or wakes to the function's own queue."""
        if call["QueueUrl"] == QUEUE_URL:
            return self._send_wakes(call["Entries"])
        with self._called("dead-letter"):
            if sum(map(_size, call["Entries"])) > MESSAGE_BYTES:
                raise ClientError({"Error": {"Code": "BatchRequestTooLong", "Message": "too long"}}, "SendMessageBatch")
            taken, reply = _replies(call["Entries"], self.refuse_dead_letter)
            self.dead += [Message("dead", entry["MessageBody"], _received(entry)) for entry in taken]
            return reply

    def _send_wakes(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        with self._called("wake"):
            assert all(0 <= entry["DelaySeconds"] <= LONGEST_DELAY for entry in entries)
            taken, reply = _replies(entries, self.refuse_wake)
            for entry in taken:
                (name,) = self.send(entry["MessageBody"], attributes=_received(entry))
                self.queue[name].visible_at = self.now + entry["DelaySeconds"] * 1_000
            return reply

    def change_message_visibility_batch(self, **call: Any) -> None:  # noqa: ANN401 - boto3's keywords
        """Hide messages, as SQS does."""
        with self._called("put back"):
            assert len(call["Entries"]) <= 10
            for entry in call["Entries"]:
                self.queue[entry["ReceiptHandle"]].visible_at = self.now + entry["VisibilityTimeout"] * 1_000

    def put_object(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Store a body in the journal's bucket."""
        with self._called("store"):
            self.objects[call["Bucket"], call["Key"]] = call["Body"]
            return {}

    def get_object(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Read an object; S3 denies access to a missing object if the role may not list the bucket."""
        with self._called("restore"):
            if (call["Bucket"], call["Key"]) not in self.objects:
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "it may not be listed"}}, "GetObject")
            return {"Body": io.BytesIO(self.objects[call["Bucket"], call["Key"]])}

    def put_events(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Put events on the bus, as EventBridge does."""
        with self._called("emit"):
            answers = []
            for entry in call["Entries"]:
                refused = self.refuse(entry)
                answers.append({"ErrorCode": "ThrottlingException"} if refused else {"EventId": "e"})
                self.events += [] if refused else [json.loads(entry["Detail"])]
            return {"Entries": answers}

    @contextmanager
    def _called(self, call: str) -> Iterator[None]:
        self.calls[call] += 1
        self.fail(call, "before")
        yield
        self.fail(call, "after")


def _replies(
    entries: list[dict[str, Any]], refuse: Callable[[str], bool]
) -> tuple[list[dict[str, Any]], dict[str, list[dict[str, str]]]]:
    """Return the accepted entries, and the response of SendMessageBatch."""
    assert 0 < len(entries) <= 10
    taken: list[dict[str, Any]] = []
    reply: dict[str, list[dict[str, str]]] = {"Successful": [], "Failed": []}
    for entry in entries:
        refused = refuse(entry["MessageBody"])
        taken += [] if refused else [entry]
        reply["Failed" if refused else "Successful"].append({"Id": entry["Id"], "Code": "InternalError"})
    return taken, reply


def _received(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of an entry in the format of Lambda's records."""
    sent = entry.get("MessageAttributes", {}).items()
    return {name: {"stringValue": each["StringValue"]} for name, each in sent}


def _size(entry: Mapping[str, Any]) -> int:
    """Return the size of a message in bytes as SQS counts it."""
    values = entry["MessageAttributes"].items()
    attributes = sum(len(name) + sum(len(text.encode()) for text in each.values()) for name, each in values)
    return len(entry["MessageBody"].encode()) + attributes
