"""Stock Powertools: `BatchProcessor` around `@idempotent_function` with its DynamoDB layer."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

from functions.runtime.core import telemetry
from tests.bench.batches import TABLE, Context, check, records

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@cache
def stock_layer() -> DynamoDBPersistenceLayer:
    """Return the persistence layer of Powertools, which creates its own client."""
    return DynamoDBPersistenceLayer(table_name=f"{TABLE}-stock")


@cache
def stock_metrics() -> EphemeralMetrics:
    """Return the metrics of Powertools."""
    return EphemeralMetrics(namespace="bench", service=TABLE)


def stock(*, observed: bool = False) -> Callable[[], None]:
    """Return a function that runs one batch through stock Powertools."""
    context = cast("LambdaContext", Context())
    batch = records()
    config = IdempotencyConfig(
        event_key_jmespath="[source, detail.bucket.name, detail.object.key, detail.object.sequencer]",
        lambda_context=context,
    )
    guard: Any = idempotent_function  # Powertools has no types for it
    handle = guard(do_nothing_stock, data_keyword_argument="event", persistence_store=stock_layer(), config=config)

    def handle_record(record: SQSRecord) -> None:
        event = json.loads(record.body)
        handle(event=event)
        if observed:
            telemetry.logger().info("processed", subject=event["detail"]["object"]["key"], event_id=event["id"])
            stock_metrics().add_metric(name="RunsProcessed", unit=MetricUnit.Count, value=1)
            stock_metrics().add_metric(name="EventLag", unit=MetricUnit.Milliseconds, value=1)

    def run() -> None:
        processor = BatchProcessor(event_type=EventType.SQS)
        check(process_partial_response(event=batch, record_handler=handle_record, processor=processor, context=context))
        if observed:
            stock_metrics().flush_metrics()

    return run


def do_nothing_stock(*, event: Mapping[str, Any]) -> None:
    """Do nothing, as a handler of stock Powertools."""
