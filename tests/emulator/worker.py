"""A worker as Lambda runs it, in a process that may be killed: polls a function's queue and hands batches to a handler.

Arguments: a directory whose file `stop` ends it. The environment is the function's own.
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
    """Lambda's context of an invocation that begins now."""

    def __init__(self, request_id: str) -> None:
        """Start the clock."""
        self.function_name, self.aws_request_id = f"herald-dev-{settings().function}", request_id
        self._ends = time.monotonic() + INVOCATION_MS / 1_000

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of it."""
        return round((self._ends - time.monotonic()) * 1_000)


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Answer every order with one event; refuse the poisoned."""
    if event.data["poison"]:
        raise Permanent("poison")
    run.emit("order.answered", {"number": event.data["number"]}, subject=event.subject)


def main() -> None:
    """Work until told to stop."""
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


def _record(message: Any) -> dict[str, Any]:  # noqa: ANN401 - as SQS hands it over
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
