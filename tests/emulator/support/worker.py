"""A worker in a process that may be killed: receives batches from a queue and invokes a handler, as Lambda does.

Argument: a directory; the worker ends when the directory has a file `stop`. The environment variables are those of the
function.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any, Final

from functions.runtime import Event, Permanent, Run, entrypoint
from functions.runtime.core import aws
from functions.runtime.core.settings import queue_settings, settings

INVOCATION_MS: Final = 4_000
VISIBILITY_SECONDS: Final = 6


class Context:
    """Lambda's context of an invocation that starts now."""

    def __init__(self, request_id: str) -> None:
        """Set the request id and the end of the invocation."""
        self.function_name, self.aws_request_id = f"herald-dev-{settings().function}", request_id
        self._ends = time.monotonic() + INVOCATION_MS / 1_000

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time in ms."""
        return round((self._ends - time.monotonic()) * 1_000)


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Answer each order with one event; reject poisoned orders."""
    if event.data["poison"]:
        raise Permanent("poison")
    run.emit("order.answered", {"number": event.data["number"]}, subject=event.subject)


def main() -> None:
    """Process messages until the file `stop` exists."""
    stop, sqs, url = Path(sys.argv[1]) / "stop", aws.sqs(), queue_settings().url
    number = 0
    while not stop.exists():
        reply = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=VISIBILITY_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
            WaitTimeSeconds=1,
        )
        messages = reply.get("Messages", [])
        if not messages:
            continue
        number += 1
        context: Any = Context(f"{os.getpid()}-{number}")
        failures = handle({"Records": [_record(message) for message in messages]}, context)["batchItemFailures"]
        failed = {failure["itemIdentifier"] for failure in failures}
        done = [message for message in messages if message["MessageId"] not in failed]
        if done:
            entries: Any = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(done)]
            sqs.delete_message_batch(QueueUrl=url, Entries=entries)


def _record(message: Any) -> dict[str, Any]:  # noqa: ANN401 - a message of boto3
    attributes = {
        name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": attributes,
    }


if __name__ == "__main__":
    main()
