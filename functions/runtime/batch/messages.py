"""Sends messages to a queue with SendMessageBatch."""

from collections.abc import Mapping
from typing import Any

from functions.runtime.core import aws
from functions.runtime.core.replies import SUCCEEDED, Replies


def send(url: str, entries: Mapping[int, Mapping[str, Any]], replies: Replies) -> None:
    """Send entries, by their places, in one call; record the reply of SQS to each."""
    reply = aws.sqs().send_message_batch(QueueUrl=url, Entries=list(entries.values()))  # type: ignore[arg-type] # the entries have its shape
    for sent in reply.get("Successful", []):
        replies.record(int(sent["Id"]), SUCCEEDED)
    for failed in reply.get("Failed", []):
        replies.record(int(failed["Id"]), failed["Code"])
