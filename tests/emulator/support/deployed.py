"""The deployment under test: acts on it and reads its state."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from herald.deployment import queues
from herald.deployment.deployment import Deployment
from herald.investigate.history import Decision, History, Row, function_of, is_open
from herald.local import emulator

DECIDED_SECONDS = 30
DRAINED_SECONDS = 180
FUNCTIONS: Final = frozenset(
    {
        "close_public_bucket",
        "diff_inventory",
        "ingest_readings",
        "notify",
        "onboard_customer",
        "page_on_alarm",
        "profile_dataset",
        "replenish_stock",
        "summarise_test_report",
    }
)


@dataclass(frozen=True)
class SelectedHistory(History):
    """Reads only the rows of selected functions: a function that a team adds may run on the same events."""

    functions: frozenset[str] = FUNCTIONS

    def rows(self, subject: str) -> list[Row]:
        """Return the rows of the selected functions."""
        return [row for row in super().rows(subject) if function_of(row, self.deployment) in self.functions]


@dataclass(frozen=True)
class Aws:
    """Acts on the deployment and reads its state; `functions` selects the functions with decisions that count."""

    deployment: Deployment
    functions: frozenset[str] = FUNCTIONS

    def put(self, key: str, content: bytes) -> str:
        """Write an object with plain boto3, as any job does; return its subject."""
        bucket = self.deployment.bucket("outputs")
        self.deployment.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return f"s3://{bucket}/{key}"

    def enqueue(self, function: str, body: str) -> None:
        """Put a message into the queue of a function, as a rule does."""
        self.deployment.client("sqs").send_message(QueueUrl=self.deployment.queues[function]["queue"], MessageBody=body)

    def waiting(self, function: str, kind: str = "queue") -> int:
        """Return how many messages a queue of a function holds, including those in flight."""
        return queues.count(self.deployment.client("sqs"), self.deployment.all_queues[function][kind])

    def drain(self, function: str) -> None:
        """Wait until the queue of a function is empty."""
        drained = emulator.wait_until(lambda: not self.waiting(function), DRAINED_SECONDS, every=0.1)
        assert drained, f"{function}: {self.waiting(function)} messages are left"

    def versions(self, prefix: str) -> Counter[str]:
        """Return how many versions each artifact has."""
        listing, bucket = self.deployment.client("s3").get_paginator("list_object_versions"), "artifacts"
        pages = listing.paginate(Bucket=self.deployment.bucket(bucket), Prefix=prefix)
        return Counter(version["Key"] for page in pages for version in page.get("Versions", []))

    def history(self) -> History:
        """Return the decisions of the selected functions as they are now."""
        return SelectedHistory(self.deployment, functions=self.functions)

    def decisions(
        self, subject: str, *, runs: int = 1, below: int = 0, seconds: float = DECIDED_SECONDS
    ) -> list[Decision]:
        """Wait for `runs` final decisions about a subject, and for `below` final decisions below them; return them."""
        found: list[Decision] = []

        def final() -> bool:
            found[:] = self.history().decisions(subject)
            caused = sum(len(effect["decisions"]) for decision in found for effect in decision["effects"])
            return len(found) >= runs and caused >= below and not any(map(is_open, found))

        assert emulator.wait_until(final, seconds), f"{subject}: {found}"
        return found

    def dead_letter(self, function: str) -> tuple[str, dict[str, Any]]:
        """Receive and delete the one dead letter of a function; return its body and its attribute."""
        sqs, url = self.deployment.client("sqs"), self.deployment.queues[function]["dead_letters"]
        received: list[Any] = []

        def arrived() -> bool:
            reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
            received.extend(reply.get("Messages", []))
            return bool(received)

        emulator.wait_until(arrived, DECIDED_SECONDS)
        (message,) = received
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return message["Body"], json.loads(message["MessageAttributes"]["herald"]["StringValue"])

    def artifact(self, decision: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON object that a run wrote."""
        summary: dict[str, Any] = json.loads(self.content(decision))
        return summary

    def content(self, decision: Mapping[str, Any]) -> bytes:
        """Return the content of the one object that a run wrote."""
        (subject,) = [effect["subject"] for effect in decision["effects"] if effect["kind"] == "object"]
        bucket, _, key = subject.removeprefix("s3://").partition("/")
        content: bytes = self.deployment.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return content
