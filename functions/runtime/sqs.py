"""Turns `handle(event, run)` into a Lambda handler for batches of SQS messages."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.batch.attempt import Handler
from functions.runtime.batch.batch import Batch
from functions.runtime.core import telemetry

if TYPE_CHECKING:  # importing its package would add 30 ms to a cold start
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse


def entrypoint(handle: Handler) -> Callable[[dict[str, Any], LambdaContext], "PartialItemFailureResponse"]:
    """Make `handle(event, run)` the Lambda handler of a function that receives its events in SQS batches.

    The response lists the messages that stay in the queue (ReportBatchItemFailures); Lambda deletes all others.
    """

    @wraps(handle)
    def on_batch(sqs_event: dict[str, Any], context: LambdaContext) -> "PartialItemFailureResponse":
        batch = Batch(handle, context)
        try:
            failed_ids = batch.run(sqs_event["Records"])
        finally:
            batch.decision_log.flush()
            telemetry.flush_metrics()
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in sorted(failed_ids)]}

    return on_batch
