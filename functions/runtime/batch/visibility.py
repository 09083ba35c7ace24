"""Changes the visibility timeout of messages, so that SQS delivers them again after a delay."""

from collections.abc import Mapping
from itertools import batched

from functions.runtime.core import aws
from functions.runtime.core.settings import queue_settings
from functions.runtime.run.batching import ENTRIES_PER_CALL


def change(delays: Mapping[str, int]) -> None:
    """Hide messages, by their receipt handles, for that many seconds.

    If SQS does not change the timeout of a message, it delivers the message again when the present timeout ends.
    """
    for group in batched(delays.items(), ENTRIES_PER_CALL, strict=False):
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
            for number, (handle, seconds) in enumerate(group)
        ]
        aws.sqs().change_message_visibility_batch(QueueUrl=queue_settings().url, Entries=entries)  # type: ignore[arg-type] # the entries have its shape
