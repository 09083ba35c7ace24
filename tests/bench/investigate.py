"""Measures `herald why`, `runs` and `trace` with 100,000 rows in the ledger and 100,000 events in the last hour.

All runs were settled in the last hour, one in a thousand with an error. It runs on the local AWS.

The objects of the journal are those of batches of 170 events, as five pollers bring them in windows of 30 s, and no
others; then 6,000 objects of an event each are added, as quiet times leave them. Times are of whole processes, as
people wait for them, whose bytecode is cached; `start` is how much of that is the start of Python and its imports.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any, Final
from unittest.mock import patch

from functions.runtime import journal
from functions.runtime.core import aws
from functions.runtime.ledger import runs_index, statements
from functions.runtime.ledger.runs_index import HOUR_MS
from herald.deployment.deployment import Deployment
from herald.investigate import journal as reader
from infra.declarations.loader import ROOT
from tests.events import body, cloud_event

EVENTS: Final = 100_000
ROWS: Final = 100_000
ERRORS: Final = 1_000  # one in so many runs has an error
BATCH: Final = 170
QUIET: Final = 6_000
THREADS: Final = 8
TIMES: Final = 5
KNOWN_ROW: Final = "bench/row-77777"
KNOWN_EVENT: Final = "bench/event-77777"
UNKNOWN: Final = "bench/nothing"


def measure(deployment: Deployment) -> dict[str, Any]:
    """Fill the ledger and the journal; return the seconds of each question."""
    fill_ledger(deployment)
    empty_journal(deployment)
    fill_journal(deployment, batched(records("event", EVENTS), BATCH, strict=False))
    figures = {
        "rows": ROWS,
        "events": EVENTS,
        "start": process([sys.executable, "-c", "import boto3, herald.investigate.why"], expected=0),
        **questions(deployment),
        "baseline_whole_journal": whole_journal(deployment),
    }
    fill_journal(deployment, batched(records("quiet", QUIET), 1, strict=False))
    return figures | {"with_small_objects": questions(deployment)}


def questions(deployment: Deployment) -> dict[str, Any]:
    """Ask about a decision, an event without one and an unknown subject, beside the number of the journal's objects."""
    return {
        "objects": sum(1 for _ in keys(deployment)),
        "known_decision": why(KNOWN_ROW, expected=0),
        "known_event": why(KNOWN_EVENT, expected=0),
        "unknown": why(UNKNOWN, expected=1),
        "runs": herald("runs", "--since", "1h", expected=0),
        "runs_with_errors": herald("runs", "--since", "1h", "--error", expected=0),
        "runs_of_a_function": herald("runs", "--since", "1h", "--function", "notify", expected=0),
        "trace_event_id": herald("trace", "77777", expected=0),
        "trace_correlation_id": herald("trace", "correlation-77777", expected=0),
    }


def why(subject: str, *, expected: int) -> dict[str, float]:
    """Measure `herald why` for one subject."""
    return herald("why", subject, expected=expected)


def herald(*arguments: str, expected: int) -> dict[str, float]:
    """Measure one command."""
    return process([str(ROOT / ".venv/bin/herald"), *arguments, "--json"], expected=expected)


def process(command: list[str], *, expected: int) -> dict[str, float]:
    """Return the median seconds of a process that ends with an exit code, and of its CPU, which load changes less."""
    cached = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, cwd=ROOT, env=cached, capture_output=True, check=False)  # the bytecode is cached now
    wall, cpu = [], []
    for _ in range(TIMES):
        began, used = time.monotonic(), children()
        done = subprocess.run(command, cwd=ROOT, env=cached, capture_output=True, check=False)
        wall.append(time.monotonic() - began)
        cpu.append(children() - used)
        assert done.returncode == expected, done.stderr
    return {"wall_seconds": round(statistics.median(wall), 2), "cpu_seconds": round(statistics.median(cpu), 2)}


def children() -> float:
    """Return the CPU seconds of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def whole_journal(deployment: Deployment) -> dict[str, float]:
    """Read all events of the last hour, as a question about an unknown subject does without filters in object names."""
    began, used, now = time.monotonic(), time.process_time(), datetime.now(UTC)
    assert sum(1 for _ in reader.read(deployment, now - timedelta(hours=1), now))
    return {"wall_seconds": round(time.monotonic() - began, 2), "cpu_seconds": round(time.process_time() - used, 2)}


def fill_ledger(deployment: Deployment) -> None:
    """Put one row for each of many subjects."""
    client, table = deployment.client("dynamodb"), deployment.outputs["Ledger"]

    def put(numbers: tuple[int, ...]) -> None:
        requests = [{"PutRequest": {"Item": row(number)}} for number in numbers]
        client.batch_write_item(RequestItems={table: requests})

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(put, batched(range(ROWS), 25, strict=False)))


def row(number: int) -> dict[str, Any]:
    """Return the row of a run without effects; the runs were settled in the last hour, the newest one now."""
    decision, error = ("dead", "TimeoutError") if number % ERRORS == 0 else ("processed", None)
    texts = {"pk": f"bench/row-{number}", "sk": f"notify#{number}", "decision": decision, "effects": "[]"}
    texts |= {"correlation_id": f"correlation-{number}", "reason": "the handler returned"}
    texts |= {"error_class": error} if error else {}
    event = {"id": str(number), "source": "bench", "type": "bench.done", "time": "2026-11-12T00:00:00Z"}
    texts["facts"] = statements.to_json(event)
    settled = int(time.time() * 1000) - number * HOUR_MS // ROWS
    texts["hour"] = runs_index.partition(settled, str(number))
    numbers = {"first_at": settled, "claimed_at": settled, "settled_at": settled, "attempt": 1}
    numbers |= {"duration_ms": 12, "expiration": settled // 1000 + 86_400}
    return {name: {"S": text} for name, text in texts.items()} | {
        name: {"N": str(value)} for name, value in numbers.items()
    }


def keys(deployment: Deployment) -> Iterator[str]:
    """Yield the keys of the journal's objects."""
    pages = (
        deployment.client("s3").get_paginator("list_objects_v2").paginate(Bucket=deployment.outputs["BucketJournal"])
    )
    return (each["Key"] for page in pages for each in page.get("Contents", []))


def empty_journal(deployment: Deployment) -> None:
    """Delete what other benchmarks left in the journal."""
    for group in batched(list(keys(deployment)), 1_000, strict=False):
        named = {"Objects": [{"Key": key} for key in group]}
        deployment.client("s3").delete_objects(Bucket=deployment.outputs["BucketJournal"], Delete=named)


def fill_journal(deployment: Deployment, batches: Iterable[tuple[dict[str, str], ...]]) -> None:
    """Let the journal's own code keep batches of events."""
    context: Any = None
    with (
        patch.object(aws, "s3", lambda: deployment.client("s3")),
        patch.object(journal, "resource", lambda *_: deployment.outputs["BucketJournal"]),
        ThreadPoolExecutor(THREADS) as pool,
    ):
        answers = list(pool.map(lambda batch: journal.keep({"Records": list(batch)}, context), batches))
    assert not any(answer["batchItemFailures"] for answer in answers)


def records(kind: str, count: int) -> Iterator[dict[str, str]]:
    """Yield messages of so many events of the last hour, one each, in the order of their times."""
    began, step = datetime.now(UTC) - timedelta(minutes=59), timedelta(minutes=58) / count
    for number in range(count):
        event = cloud_event(id=f"bench-{kind}-{number}", subject=f"bench/{kind}-{number}", data={"text": "x" * 500})
        event["time"] = (began + number * step).isoformat(timespec="seconds")
        yield {"messageId": f"{kind}{number}", "body": body(event)}
