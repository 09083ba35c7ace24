"""Herald beside stock Powertools: an empty handler, batches of ten, in turns.

`claim_and_settle` does what stock does: BatchProcessor around `@idempotent_function` with its DynamoDB layer, as its
documentation shows it. `run` is the whole of `@entrypoint` with its log line and metrics a record; `observed` is stock
with a log line and metrics like them. `ordered` is `order = "newest"`.
"""

import itertools
import json
import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from unittest.mock import patch

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from functions.runtime import Event, Run, entrypoint
from functions.runtime.batch.record import Delivery
from functions.runtime.core import settings, telemetry
from functions.runtime.ledger import ledger as ledgers
from functions.runtime.ledger.decisions import Decision, Outcome
from tests.events import body, object_created
from tests.stage import SETTINGS

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

BATCH: Final = 10
TURN: Final = 5  # batches in a row, as a warm worker has them
ROUNDS: Final = 20
TABLE: Final = "bench"
LEASE_MS: Final = 30_000
PROCESSED: Final = Outcome(decision=Decision.PROCESSED, reason="the handler returned", duration_ms=1)

type Batch = dict[str, Any]
type Clock = Callable[[], float]
type Contender = Callable[[], None]


def compare(endpoint: str) -> dict[str, Any]:
    """Return milliseconds a record and ratios: CPU with the network stubbed, and wall time on the emulator."""
    variables = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    variables |= {f"HERALD_{name}": value for name, value in (SETTINGS | {"LEDGER": TABLE}).items()}
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),
        patch.dict(os.environ, variables | {"AWS_ENDPOINT_URL": endpoint}),
    ):
        make_table()
        with patch.object(URLLib3Session, "send", answer):
            cpu = measure(time.process_time)
        return {"cpu_network_stubbed": cpu, "wall_on_the_emulator": measure(time.perf_counter)}


def make_table() -> None:
    """Make one table for each: theirs has one key, ours has two."""
    client: Any = boto3.client("dynamodb")
    for name, keys in ((TABLE, ("pk", "sk")), (f"{TABLE}-stock", ("id",))):
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        )


def measure(clock: Clock) -> dict[str, dict[str, float]]:
    """Take turns; return the median milliseconds a record of each, and ratios of what does the same."""
    contenders: dict[str, Callable[[], Contender]] = {
        "stock": stock,
        "observed": lambda: stock(observed=True),
        "claim_and_settle": lambda: claim_and_settle("none"),
        "ordered_claim_and_settle": lambda: claim_and_settle("newest"),
        "run": lambda: whole_run("none"),
        "ordered_run": lambda: whole_run("newest"),
    }
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for number, (name, prepare) in itertools.product(range(ROUNDS + 1), contenders.items()):
        batches = [prepare() for _ in range(TURN)]
        began = clock()
        for run in batches:
            run()
        if number:  # the first makes clients
            taken[name].append((clock() - began) * 1_000 / BATCH / TURN)
    figures = {name: statistics.median(each) for name, each in taken.items()}
    ratios = {
        name: figures[name] / figures["observed" if name.endswith("run") else "stock"] for name in list(contenders)[2:]
    }
    return {"ms_a_record": rounded(figures), "ratio_to_stock": rounded(ratios)}


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    """Return figures as they are printed."""
    return {name: round(value, 3) for name, value in figures.items()}


def records() -> Batch:
    """Return a batch of events that nobody has seen, as Lambda brings it."""
    made = [
        {
            "messageId": str(uuid.uuid4()),
            "receiptHandle": "r",
            "body": body(object_created(f"reports/{uuid.uuid4()}.xml")),
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        }
        for _ in range(BATCH)
    ]
    return {"Records": made}


class Context:
    """Lambda's context, as much as either looks at."""

    function_name = "bench"

    def __init__(self) -> None:
        """Begin an invocation."""
        self.aws_request_id = str(uuid.uuid4())

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Return the time an invocation has left."""
        return 30_000


@cache
def book(order: str) -> ledgers.Ledger:
    """Return the ledger of a function with that order."""
    os.environ["HERALD_ORDER"] = order
    settings.settings.cache_clear()
    ledgers.ledger.cache_clear()
    return ledgers.ledger()


def claim_and_settle(order: str) -> Contender:
    """Return the ledger's way with a batch."""
    ledger = book(order)
    requests = [Delivery.of(record, str(uuid.uuid4())).request for record in records()["Records"]]

    def run() -> None:
        results = ledger.claim(requests, LEASE_MS)
        assert all(result.claim for result in results)
        assert not any(ledger.settle([(result, PROCESSED) for result in results]))

    return run


def whole_run(order: str) -> Contender:
    """Return Herald's way with a batch."""
    ledger, context = book(order), cast("LambdaContext", Context())
    batch = records()

    def run() -> None:
        with patch("functions.runtime.batch.batch.ledger", lambda: ledger):
            check(do_nothing(batch, context))

    return run


@entrypoint
def do_nothing(event: Event, run: Run) -> None:
    """Handle an event for Herald."""


@cache
def stock_layer() -> DynamoDBPersistenceLayer:
    """Return the store that stock Powertools keeps, with a client of its own making."""
    return DynamoDBPersistenceLayer(table_name=f"{TABLE}-stock")


def stock(*, observed: bool = False) -> Contender:
    """Return the way of stock Powertools with a batch."""
    context = cast("LambdaContext", Context())
    batch = records()
    config = IdempotencyConfig(
        event_key_jmespath="[source, detail.bucket.name, detail.object.key, detail.object.sequencer]",
        lambda_context=context,
    )
    guard: Any = idempotent_function  # Powertools leaves it untyped
    handle = guard(do_nothing_stock, data_keyword_argument="event", persistence_store=stock_layer(), config=config)

    def handle_record(record: SQSRecord) -> None:
        event = json.loads(record.body)
        handle(event=event)
        if observed:
            telemetry.logger().info("processed", subject=event["detail"]["object"]["key"], event_id=event["id"])
            telemetry.metrics().add_metric(name="RunsProcessed", unit=MetricUnit.Count, value=1)
            telemetry.metrics().add_metric(name="EventLag", unit=MetricUnit.Milliseconds, value=1)

    def run() -> None:
        processor = BatchProcessor(event_type=EventType.SQS)
        check(process_partial_response(event=batch, record_handler=handle_record, processor=processor, context=context))
        telemetry.flush_metrics()

    return run


def do_nothing_stock(*, event: Mapping[str, Any]) -> None:
    """Handle an event for stock Powertools."""


def check(answer: Mapping[str, Any]) -> None:
    """Expect that all was done: what fails fast would look good here."""
    assert answer == {"batchItemFailures": []}, answer


class Content:
    """What botocore reads an answer from."""

    def __init__(self, content: bytes) -> None:
        """Hold it."""
        self.content = content

    def stream(self) -> Iterator[bytes]:
        """Give it out."""
        yield self.content


def answer(_session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
    """Stand in for the network: DynamoDB took it."""
    operation = str(request.headers["X-Amz-Target"])
    said: dict[str, Any] = {}
    if "BatchExecuteStatement" in operation:
        said = {"Responses": [{"TableName": TABLE}] * BATCH}
    if "BatchGetItem" in operation:
        said = {"Responses": {TABLE: []}, "UnprocessedKeys": {}}
    headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, 200, headers, Content(json.dumps(said).encode()))
