"""A stage for the runtime in memory: a queue, a ledger, a bus and a clock, on which faults are injected at will.

Nothing here leaves the process, so that thousands of schedules can be played in seconds.
"""

import io
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from functions.runtime.batch import fairness
from functions.runtime.batch.attempt import Handler
from functions.runtime.batch.carried import ATTRIBUTE
from functions.runtime.core import aws, clock, settings, telemetry
from functions.runtime.http import senders
from functions.runtime.ledger import ledger as ledgers
from functions.runtime.ledger import statements, step_store
from functions.runtime.run import contracts
from functions.runtime.sqs import entrypoint
from tests.partiql import Table

CACHED: Final = (
    settings.settings,
    settings.queue_settings,
    ledgers.ledger,
    step_store.step_store,
    telemetry.logger,
    telemetry.metrics,
    fairness.fairness,
    senders.declared,
)
SETTINGS: Final = {
    "FUNCTION": "f",
    "LEDGER": "ledger",
    "QUEUE_URL": "queue",
    "DEAD_LETTER_URL": "dead",
    "DEAD_LETTER_BODIES": "journal",
    "BUS": "bus",
    "MAX_ATTEMPTS": "3",
    "BASE_SECONDS": "2",
    "CAP_SECONDS": "60",
    "MAX_AGE_SECONDS": "0",
    "FAIR": "false",
    "WAKES": "false",
    "MAX_CONCURRENCY": "10",
    "ORDER": "none",
    "KEEP_DAYS": "90",
}
TIMEOUT_MS: Final = 30_000
LONGEST_DELAY: Final = 900  # seconds; SendMessageBatch, Amazon SQS API Reference
MESSAGE_BYTES: Final = 1_048_576  # SQS's limit of a message and of a batch, attributes included
NO_CONTRACTS: Final = Path("/nonexistent")  # the types that tests make up have none


class Killed(BaseException):
    """The worker is gone, as by kill -9: nothing after it runs, and no `except Exception` sees it."""


class Message:
    """One message of the queue; `visible_at` in ms."""

    def __init__(self, message_id: str, body: str, attributes: Mapping[str, Any]) -> None:
        """Begin visible and never received."""
        self.id, self.body, self.attributes = message_id, body, dict(attributes)
        self.receives, self.visible_at, self.sent_at = 0, 0, 0


class Stage:
    """The world around one function.

    `fail` is called with the name of each AWS call before and after it takes effect; what it raises is what the
    runtime sees. `reply` may change the answer of a batch of statements.
    """

    def __init__(self, handle: Handler) -> None:
        """Begin with empty queues at a fixed time."""
        self.handle = handle
        self.now = 1_800_000_000_000
        self.left_ms = TIMEOUT_MS
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
        self.requests = itertools.count(1)
        self.ids = itertools.count(1)
        self.calls: Counter[str] = Counter()

    def send(self, *bodies: str, attributes: Mapping[str, Any] | None = None) -> list[str]:
        """Put messages into the queue; return their ids."""
        sent = [Message(f"m{next(self.ids)}", body, attributes or {}) for body in bodies]
        for message in sent:
            message.sent_at = self.now
        self.queue |= {message.id: message for message in sent}
        return [message.id for message in sent]

    def deliver(self, *message_ids: str, all_of_them: bool = False) -> list[str]:
        """Hand messages over as one batch (all that are visible, or the named ones); return what stays in the queue."""
        visible = [each for each in self.queue.values() if all_of_them or each.visible_at <= self.now]
        batch = [self.queue[name] for name in message_ids] if message_ids else visible[:10]
        for message in batch:
            message.receives += 1
            message.visible_at = self.now + 6 * TIMEOUT_MS
        records = [self._record(message) for message in batch]
        answer = entrypoint(self.handle)({"Records": records}, self._context())
        failed = {str(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]}
        for message in batch:
            if message.id not in failed:
                del self.queue[message.id]
        return sorted(failed)

    def drain(self, rounds: int = 200) -> None:
        """Deliver until the queue is empty, letting time pass; AssertionError when it never is."""
        for _ in range(rounds):
            if not self.queue:
                return
            self.now = max(self.now, min(message.visible_at for message in self.queue.values()))
            self.deliver()
        raise AssertionError([vars(message) for message in self.queue.values()])

    def redrive(self) -> None:
        """Move all dead letters back, with their attributes."""
        letters, self.dead = self.dead, []
        for letter in letters:
            self.send(letter.body, attributes=letter.attributes)

    def dead_letters(self) -> list[dict[str, Any]]:
        """Return what each dead letter says of itself."""
        return [json.loads(each.attributes[ATTRIBUTE]["stringValue"]) for each in self.dead]

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of runs, plain."""
        items = [statements.plain(item) for item in self.table.items.values()]
        return [item for item in items if "facts" in item]

    def decisions(self) -> list[str]:
        """Return what was decided, in the order of the first claims."""
        return [str(row["decision"]) for row in sorted(self.rows(), key=lambda row: row["first_at"])]

    def _context(self) -> Any:  # noqa: ANN401 - Lambda's context
        stage = self

        class Context:
            function_name = "herald-test-f"
            aws_request_id = f"request-{next(stage.requests)}"

            @staticmethod
            def get_remaining_time_in_millis() -> int:
                return stage.left_ms

        return Context()

    @staticmethod
    def _record(message: Message) -> dict[str, Any]:
        return {
            "messageId": message.id,
            "receiptHandle": message.id,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.receives),
                "SentTimestamp": str(message.sent_at),
            },
            "messageAttributes": message.attributes,
        }

    # What follows are the clients that the runtime sees.

    def batch_execute_statement(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """DynamoDB's."""
        with self._called("statements"):
            answers = self.table.batch_execute_statement(**call)["Responses"]
        return {"Responses": self.reply(answers)}

    def batch_get_item(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """DynamoDB's."""
        with self._called("get"):
            return self.table.batch_get_item(**call)

    def send_message_batch(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """SQS's, of the dead-letter queue and of the function's own, which wakes go to."""
        if call["QueueUrl"] == SETTINGS["QUEUE_URL"]:
            return self._send_wakes(call["Entries"])
        with self._called("dead-letter"):
            assert 0 < len(call["Entries"]) <= 10
            if sum(map(_size, call["Entries"])) > MESSAGE_BYTES:
                raise ClientError({"Error": {"Code": "BatchRequestTooLong", "Message": "too long"}}, "SendMessageBatch")
            reply: dict[str, list[dict[str, str]]] = {"Successful": [], "Failed": []}
            for entry in call["Entries"]:
                refused = self.refuse_dead_letter(entry["MessageBody"])
                self.dead += [] if refused else [Message("dead", entry["MessageBody"], _received(entry))]
                reply["Failed" if refused else "Successful"].append({"Id": entry["Id"], "Code": "InternalError"})
            return reply

    def _send_wakes(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        with self._called("wake"):
            assert 0 < len(entries) <= 10
            assert all(0 <= entry["DelaySeconds"] <= LONGEST_DELAY for entry in entries)
            reply: dict[str, list[dict[str, str]]] = {"Successful": [], "Failed": []}
            for entry in entries:
                refused = self.refuse_wake(entry["MessageBody"])
                reply["Failed" if refused else "Successful"].append({"Id": entry["Id"], "Code": "InternalError"})
                if not refused:
                    (name,) = self.send(entry["MessageBody"], attributes=_received(entry))
                    self.queue[name].visible_at = self.now + entry["DelaySeconds"] * 1_000
            return reply

    def change_message_visibility_batch(self, **call: Any) -> None:  # noqa: ANN401 - boto3's keywords
        """SQS's."""
        with self._called("put back"):
            assert len(call["Entries"]) <= 10
            for entry in call["Entries"]:
                self.queue[entry["ReceiptHandle"]].visible_at = self.now + entry["VisibilityTimeout"] * 1_000

    def put_object(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """S3's, of the journal's bucket."""
        with self._called("store"):
            self.objects[call["Bucket"], call["Key"]] = call["Body"]
            return {}

    def get_object(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """S3's, which denies what is not there to who may not list the bucket."""
        with self._called("restore"):
            if (call["Bucket"], call["Key"]) not in self.objects:
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "it may not be listed"}}, "GetObject")
            return {"Body": io.BytesIO(self.objects[call["Bucket"], call["Key"]])}

    def put_events(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """EventBridge's."""
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


def _received(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of an entry as Lambda's records have them."""
    sent = entry.get("MessageAttributes", {}).items()
    return {name: {"stringValue": each["StringValue"]} for name, each in sent}


def _size(entry: Mapping[str, Any]) -> int:
    """Return the bytes of a message as SQS counts them."""
    said = entry["MessageAttributes"].items()
    attributes = sum(len(name) + sum(len(text.encode()) for text in each.values()) for name, each in said)
    return len(entry["MessageBody"].encode()) + attributes


def install(stage: Stage, patch: pytest.MonkeyPatch, **changed: str) -> Stage:
    """Make the runtime run on a stage, with some settings changed."""
    for cached in CACHED:
        cached.cache_clear()
    for name, value in (SETTINGS | changed).items():
        patch.setenv(f"HERALD_{name}", value)
    patch.setenv("POWERTOOLS_LOG_LEVEL", "CRITICAL")
    for client in ("dynamodb", "sqs", "events"):
        patch.setattr(aws, client, lambda: stage)
    patch.setattr(contracts, "EVENTS", NO_CONTRACTS)
    patch.setattr(clock, "now_ms", lambda: stage.now)
    patch.setattr("functions.runtime.ledger.statements.PAUSE_SECONDS", 0)
    patch.setattr("functions.runtime.run.put_events.PAUSE_SECONDS", 0)
    return stage


def on(call: str, when: str, error: BaseException, *, times: int = 1) -> Callable[[str, str], None]:
    """Return a fault that strikes so many times, before or after a call takes effect."""
    left = itertools.count(times, -1)

    def fail(called: str, at: str) -> None:
        if (called, at) == (call, when) and next(left) > 0:
            raise error

    return fail


def lost_reply() -> ReadTimeoutError:
    """Return what botocore raises when the answer of a call does not come."""
    return ReadTimeoutError(endpoint_url="https://dynamodb")


def throttled() -> ClientError:
    """Return what botocore raises when a service has throttled all its tries."""
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "BatchExecuteStatement")
