"""Herald's claim and settle beside stock Powertools: the same empty handler, batches of ten, in turns.

Stock is BatchProcessor around `@idempotent_function` with its DynamoDB layer, as its documentation shows it. It logs
and counts nothing; Herald's figures hold its log line and its metrics too.
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
from typing import Any, Final
from unittest.mock import patch

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from functions.runtime import Event, Run, entrypoint, settings
from functions.runtime import ledger as ledgers
from tests.events import body, object_created
from tests.stage import SETTINGS

BATCH: Final = 10
ROUNDS: Final = 40
TABLE: Final = "bench"

type Batch = dict[str, Any]
type Clock = Callable[[], float]
type Contender = Callable[[Batch], None]


def compare(endpoint: str) -> dict[str, Any]:
    """Return milliseconds a record and ratios: CPU with the network stubbed, and wall time on the emulator."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    os.environ |= {"AWS_ENDPOINT_URL": endpoint}
    os.environ |= {f"HERALD_{name}": value for name, value in (SETTINGS | {"LEDGER": TABLE}).items()}
    make_table()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        with patch.object(URLLib3Session, "send", answer):
            cpu = measure(time.process_time)
        wall = measure(time.perf_counter)
    return {"cpu_ms_network_stubbed": cpu, "wall_ms_on_the_emulator": wall}


def make_table() -> None:
    """Make one table for each: theirs has one key, ours has two."""
    client = boto3.client("dynamodb")
    for name, keys in ((TABLE, ("pk", "sk")), (f"{TABLE}-stock", ("id",))):
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],  # type: ignore[misc] # of its shape
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        )


def measure(clock: Clock) -> dict[str, float]:
    """Take turns; return the median milliseconds a record of each, and Herald's ratios to stock."""
    contenders = {"stock": stock, "herald": lambda: herald("none"), "ordered": lambda: herald("newest")}
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for number, (name, begin) in itertools.product(range(ROUNDS + 1), contenders.items()):
        run, batch = begin(), records()
        began = clock()
        run(batch)
        if number:  # the first makes clients
            taken[name].append((clock() - began) * 1_000 / BATCH)
    figures = {name: statistics.median(each) for name, each in taken.items()}
    ratios = {f"{name}_ratio": figures[name] / figures["stock"] for name in ("herald", "ordered")}
    return {name: round(value, 3) for name, value in (figures | ratios).items()}


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


def herald(order: str) -> Contender:
    """Return Herald's way with a batch."""
    os.environ["HERALD_ORDER"] = order
    settings.settings.cache_clear()
    ledgers.ledger.cache_clear()
    ledgers.ledger()
    context: Any = Context()
    return lambda batch: check(do_nothing(batch, context))


@entrypoint
def do_nothing(event: Event, run: Run) -> None:
    """Handle an event for Herald."""


@cache
def stock_layer() -> DynamoDBPersistenceLayer:
    """Return the store that stock Powertools keeps, with a client of its own making."""
    return DynamoDBPersistenceLayer(table_name=f"{TABLE}-stock")


def stock() -> Contender:
    """Return the way of stock Powertools with a batch."""
    context: Any = Context()
    config = IdempotencyConfig(
        event_key_jmespath="[source, detail.bucket.name, detail.object.key, detail.object.sequencer]",
        lambda_context=context,
    )

    @idempotent_function(data_keyword_argument="event", persistence_store=stock_layer(), config=config)
    def handle(event: Mapping[str, Any]) -> None:
        """Handle an event."""

    def handle_record(record: SQSRecord) -> None:
        handle(event=json.loads(record.body))

    processor = BatchProcessor(event_type=EventType.SQS)
    return lambda batch: check(
        process_partial_response(event=batch, record_handler=handle_record, processor=processor, context=context)
    )


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
    operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
    said: dict[str, Any] = {}
    if operation == "BatchExecuteStatement":
        said = {"Responses": [{"TableName": TABLE}] * len(json.loads(request.body or b"")["Statements"])}
    if operation == "BatchGetItem":
        said = {"Responses": {TABLE: []}, "UnprocessedKeys": {}}
    headers = {"Content-Type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, 200, headers, Content(json.dumps(said).encode()))
