"""A queue of a test that receives notices or events."""

import json
from collections.abc import Callable
from typing import Any

from herald.local import emulator
from tests.emulator.support.deployed import DECIDED_SECONDS, Aws


class Reader:
    """Receives the messages of its own queue, and keeps all of them."""

    def __init__(self, aws: Aws, name: str) -> None:
        """Create the queue."""
        self._sqs = aws.deployment.client("sqs")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        names = ["QueueArn"]
        self.arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]["QueueArn"]
        self.read: list[dict[str, Any]] = []

    def until(self, wanted: Callable[[dict[str, Any]], bool], count: int) -> list[dict[str, Any]]:
        """Wait for `count` wanted messages and an empty queue; return the wanted messages."""

        def arrived() -> bool:
            messages = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                self.read.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            return not messages and len([each for each in self.read if wanted(each)]) >= count

        assert emulator.wait_until(arrived, DECIDED_SECONDS), self.read
        return [each for each in self.read if wanted(each)]
