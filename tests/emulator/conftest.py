"""Herald, really deployed to the local AWS, once for all tests here."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from herald.deployment import queues
from herald.deployment.deployment import Deployment
from herald.investigate.history import Decision, History, Row, function_of, is_open
from herald.local import emulator, local

DECIDED_SECONDS = 30
DRAINED_SECONDS = 180
# The functions that these tests watch. A function that a team adds may run on the same events; it is left out.
WATCHED: Final = frozenset(
    {
        "close_public_bucket",
        "diff_inventory",
        "ingest_readings",
        "notify",
        "onboard_customer",
        "page_on_alarm",
        "profile_dataset",
        "receive_webhook",
        "replenish_stock",
        "summarise_test_report",
    }
)


class Watched(History):
    """The runs of the functions in `WATCHED` alone."""

    def rows(self, subject: str) -> list[Row]:
        """Return the rows of those functions."""
        return [row for row in super().rows(subject) if function_of(row, self.deployment) in WATCHED]


@dataclass(frozen=True)
class Aws:
    """What a test does to the deployment, and what it looks at."""

    deployment: Deployment

    def put(self, key: str, content: bytes) -> str:
        """Write an object with plain boto3, as any job does; return its subject."""
        bucket = self.deployment.bucket("outputs")
        self.deployment.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return f"s3://{bucket}/{key}"

    def enqueue(self, function: str, body: str) -> None:
        """Put a message into a function's queue, as a rule would."""
        self.deployment.client("sqs").send_message(QueueUrl=self.deployment.queues[function]["queue"], MessageBody=body)

    def waiting(self, function: str, kind: str = "queue") -> int:
        """Return how many messages a queue of a function holds, those in a worker's hands included."""
        return queues.count(self.deployment.client("sqs"), self.deployment.all_queues[function][kind])

    def drain(self, function: str) -> None:
        """Wait until a function's queue is empty."""
        drained = emulator.wait_until(lambda: not self.waiting(function), DRAINED_SECONDS, every=0.1)
        assert drained, f"{function}: {self.waiting(function)} messages are left"

    def versions(self, prefix: str) -> Counter[str]:
        """Return how many versions each artifact has."""
        listing, bucket = self.deployment.client("s3").get_paginator("list_object_versions"), "artifacts"
        pages = listing.paginate(Bucket=self.deployment.bucket(bucket), Prefix=prefix)
        return Counter(version["Key"] for page in pages for version in page.get("Versions", []))

    def decisions(
        self, subject: str, *, runs: int = 1, below: int = 0, seconds: float = DECIDED_SECONDS
    ) -> list[Decision]:
        """Return the decisions about a subject as soon as that many runs of it, and `below` they caused, are final."""
        found: list[Decision] = []

        def final() -> bool:
            found[:] = Watched(self.deployment).decisions(subject)
            caused = sum(len(effect["decisions"]) for decision in found for effect in decision["effects"])
            return len(found) >= runs and caused >= below and not any(map(is_open, found))

        assert emulator.wait_until(final, seconds), f"{subject}: {found}"
        return found

    def letter(self, function: str) -> tuple[str, dict[str, Any]]:
        """Take the one dead letter of a function: its body, and the attribute that says why it is there."""
        sqs, url = self.deployment.client("sqs"), self.deployment.queues[function]["dead_letters"]
        taken: list[Any] = []

        def arrived() -> bool:
            reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
            taken.extend(reply.get("Messages", []))
            return bool(taken)

        emulator.wait_until(arrived, DECIDED_SECONDS)
        (message,) = taken
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return message["Body"], json.loads(message["MessageAttributes"]["herald"]["StringValue"])

    def artifact(self, decision: Mapping[str, Any]) -> dict[str, Any]:
        """Return the summary that a run wrote."""
        summary: dict[str, Any] = json.loads(self.content(decision))
        return summary

    def content(self, decision: Mapping[str, Any]) -> bytes:
        """Return the one object that a run wrote."""
        (subject,) = [effect["subject"] for effect in decision["effects"] if effect["kind"] == "object"]
        bucket, _, key = subject.removeprefix("s3://").partition("/")
        content: bytes = self.deployment.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return content


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    """Deploy Herald to a fresh emulator, and end it afterwards."""
    emulator.stop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queues, "WAIT_SECONDS", 0)  # this AWS hands out all that it has; there is nothing to wait for
        try:
            yield Aws(local.up("dev", print))
        finally:
            emulator.stop()
