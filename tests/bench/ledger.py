"""Compares Herald with stock Powertools: an empty handler, batches of ten, in turns.

`stock` is BatchProcessor around `@idempotent_function` with its DynamoDB layer, as in the documentation of Powertools.
`claim_and_settle` does the same work with Herald's ledger. `run` is the whole of `@entrypoint`, with a log line and
metrics per record; `observed` is stock with the same log line and metrics. `ordered` means `order = "newest"`.
"""

import itertools
import os
import statistics
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from unittest.mock import patch

import boto3
from botocore.httpsession import URLLib3Session

from functions.runtime import Event, Run, entrypoint
from functions.runtime.batch.record import Record
from functions.runtime.core import settings
from functions.runtime.ledger import ledger as ledgers
from functions.runtime.ledger.decisions import Decision, Outcome
from tests.bench.batches import BATCH, TABLE, Context, answer, check, records
from tests.bench.stock import stock
from tests.stage import SETTINGS

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

TURN: Final = 5  # batches in a row, as a warm worker handles them
ROUNDS: Final = 20
LEASE_MS: Final = 30_000
PROCESSED: Final = Outcome(decision=Decision.PROCESSED, reason="the handler returned", duration_ms=1)

type Clock = Callable[[], float]
type Contender = Callable[[], None]


def compare(endpoint: str) -> dict[str, Any]:
    """Return milliseconds per record and ratios: CPU time with a stubbed network, and wall time on the emulator."""
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
    """Create a table for each: the table of Powertools has one key, the ledger has two."""
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
    """Run all in turns; return the median milliseconds per record, and the ratio of each to its stock counterpart."""
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
        if number:  # the first round creates clients
            taken[name].append((clock() - began) * 1_000 / BATCH / TURN)
    figures = {name: statistics.median(each) for name, each in taken.items()}
    ratios = {
        name: figures[name] / figures["observed" if name.endswith("run") else "stock"] for name in list(contenders)[2:]
    }
    return {"ms_a_record": rounded(figures), "ratio_to_stock": rounded(ratios)}


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    """Round figures for the output."""
    return {name: round(value, 3) for name, value in figures.items()}


@cache
def book(order: str) -> ledgers.Ledger:
    """Return the ledger for an order, created once: each new ledger adds to the user agent of the client."""
    os.environ["HERALD_ORDER"] = order
    settings.settings.cache_clear()
    ledgers.ledger.cache_clear()
    return ledgers.ledger()


def claim_and_settle(order: str) -> Contender:
    """Return a function that claims and settles one batch with the ledger."""
    ledger = book(order)
    requests = [Record.of(record, str(uuid.uuid4())).request for record in records()["Records"]]

    def run() -> None:
        results = ledger.claim(requests, LEASE_MS)
        assert all(result.claim for result in results)
        assert not any(ledger.settle([(result, PROCESSED) for result in results]))

    return run


def whole_run(order: str) -> Contender:
    """Return a function that runs one batch through the entrypoint."""
    ledger, context = book(order), cast("LambdaContext", Context())
    batch = records()

    def run() -> None:
        with patch("functions.runtime.batch.batch.ledger", lambda: ledger):
            check(do_nothing(batch, context))

    return run


@entrypoint
def do_nothing(event: Event, run: Run) -> None:
    """Do nothing, as a handler of Herald."""
