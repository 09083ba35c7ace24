"""Measures the CPU time of logging, metrics and tracing in one run, without AWS.

The baseline is a log line of the standard library with the same keys as JSON.
"""

import itertools
import json
import logging
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from functions.runtime.batch.decision_log import DecisionLog
from functions.runtime.batch.record import Record
from functions.runtime.core import settings, telemetry
from functions.runtime.core.telemetry import tracing
from functions.runtime.ledger.decisions import Decision, Outcome
from tests.bench.batches import BATCH, records
from tests.stage import SETTINGS
from tests.traces import HEADER, Traces, tracer

BATCHES: Final = 20
ROUNDS: Final = 15
EFFECTS: Final = [{"kind": "object", "subject": "s3://artifacts/reports/a.xml.json"}]
PROCESSED: Final = Outcome(
    decision=Decision.PROCESSED, handled=Decision.PROCESSED, reason="the handler returned", effects=EFFECTS
)

type Part = Callable[[Record], object]


def measure() -> dict[str, dict[str, float]]:
    """Return the microseconds of CPU time in one run, and the ratio to the baseline in the same turns."""
    with _surroundings():
        record = Record.of(records()["Records"][0], "request")
        parts: dict[str, Part] = {
            "baseline": _baseline,
            "line_and_metrics": _decide,
            "keys_of_the_handler": _handle,
            "sampled_trace": _sampled,
        }
        taken: dict[str, list[float]] = {name: [] for name in parts}
        for number, (name, part) in itertools.product(range(ROUNDS + 1), parts.items()):
            began = time.process_time()
            for _ in range(BATCHES):
                for _ in range(BATCH):
                    part(record)
                telemetry.metrics().flush()
            if number:  # the first round fills caches
                taken[name].append((time.process_time() - began) * 1_000_000 / BATCHES / BATCH)
    figures = {name: statistics.median(each) for name, each in taken.items()}
    ratios = {name: round(each / figures["baseline"], 2) for name, each in figures.items() if name != "baseline"}
    return {"us_a_run": {name: round(each, 1) for name, each in figures.items()}, "ratio": ratios}


@contextmanager
def _surroundings() -> Iterator[None]:
    """Set the environment of a function; drop the lines and metrics, and keep the traces in memory."""
    variables = {f"HERALD_{name}": value for name, value in SETTINGS.items()}
    for cached in (settings.settings, telemetry.logger, telemetry.metrics):
        cached.cache_clear()
    in_memory = tracer(Traces())
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),
        patch.dict(os.environ, variables),
        patch.object(tracing, "_tracer", lambda: in_memory),
    ):
        logger = logging.getLogger("baseline")
        logger.addHandler(logging.StreamHandler(nowhere))
        logger.propagate = False
        yield


def _baseline(record: Record) -> None:
    keys: dict[str, Any] = record.log_keys | {"decision": PROCESSED.decision, "decision_reason": PROCESSED.reason}
    logging.getLogger("baseline").warning(json.dumps(keys))


def _decide(record: Record) -> None:
    DecisionLog().record(record, PROCESSED, 1)


def _handle(record: Record) -> None:
    with telemetry.log_keys(**record.log_keys, attempt=1), telemetry.span(event_id="e", correlation_id="c") as span:
        span.annotate(decision=PROCESSED.decision)


def _sampled(record: Record) -> None:
    os.environ["_X_AMZN_TRACE_ID"] = HEADER
    _handle(record)
    del os.environ["_X_AMZN_TRACE_ID"]
