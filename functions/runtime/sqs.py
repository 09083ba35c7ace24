"""The entrypoint of functions with a queue: it turns `handle(event, run)` into a Lambda handler for SQS batches."""

from functools import update_wrapper
from typing import Any, Final

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.batch.attempt import Handler
from functions.runtime.batch.batch import Batch
from functions.runtime.core import telemetry


class BatchHandler:
    """A Lambda handler for batches of SQS messages; `handler` is the undecorated function."""

    def __init__(self, handler: Handler) -> None:
        """Wrap `handle(event, run)`."""
        self.handler: Final = handler
        update_wrapper(self, handler)

    def __call__(self, batch: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        """Handle a batch; return the messages that stay in the queue, as `ReportBatchItemFailures` requires."""
        work = Batch(self.handler, context)
        try:
            work.run(batch["Records"])
        finally:
            work.decision_log.flush()
            telemetry.flush_metrics()
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in sorted(work.undone)]}


def entrypoint(handle: Handler) -> BatchHandler:
    """Make `handle(event, run)` the Lambda handler of a function with a queue."""
    return BatchHandler(handle)
