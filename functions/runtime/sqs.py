"""From `handle(event, run)` to a Lambda handler for batches of SQS messages."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.batch.attempt import Handler
from functions.runtime.batch.batch import Batch
from functions.runtime.core import telemetry

if TYPE_CHECKING:  # with its package come asyncio and more, 30 ms of a cold start
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse


def entrypoint(handle: Handler) -> Callable[[dict[str, Any], LambdaContext], "PartialItemFailureResponse"]:
    """Make `handle(event, run)` the Lambda handler of a function whose events come in SQS batches.

    The answer names the messages that stay in the queue (ReportBatchItemFailures); all others are done with.
    """

    @wraps(handle)
    def on_batch(batch: dict[str, Any], context: LambdaContext) -> "PartialItemFailureResponse":
        work = Batch(handle, context)
        try:
            work.run(batch["Records"])
        finally:
            work.decision_log.flush()
            telemetry.flush_metrics()
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in sorted(work.undone)]}

    return on_batch
