"""The entrypoint of functions with a queue: it turns `handle(event, run)` into a Lambda handler for SQS batches."""

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.batch.attempt import Handler
from functions.runtime.batch.batch import Batch
from functions.runtime.core import telemetry

if TYPE_CHECKING:  # importing its package would add 30 ms to a cold start
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse


class BatchHandler:
    """A Lambda handler for batches of SQS messages; `handler` is the undecorated function."""

    def __init__(self, handler: Handler) -> None:
        """Wrap `handle(event, run)`."""
        self.handler: Final = handler
        update_wrapper(self, handler)

    def __call__(self, sqs_event: dict[str, Any], context: LambdaContext) -> "PartialItemFailureResponse":
        """Handle a batch; return the messages that stay in the queue (ReportBatchItemFailures).

        Lambda deletes all others.
        """
        telemetry.begin_invocation(context)
        batch = Batch(self.handler, context)
        try:
            failed_ids = batch.run(sqs_event["Records"])
        finally:
            batch.decision_log.flush()
            telemetry.metrics().flush()
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in sorted(failed_ids)]}


def entrypoint(handle: Handler) -> BatchHandler:
    """Make `handle(event, run)` the Lambda handler of a function with a queue."""
    return BatchHandler(handle)
