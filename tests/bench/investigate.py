"""Measures `herald why` with 100,000 rows in the ledger and 100,000 events in the last hour, on the local AWS.

Each object of the journal has 170 events, as five pollers with windows of 30 s write them. Times are those of whole
processes; `start` is the time that Python and its imports need.
"""

import itertools
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any, Final
from unittest.mock import patch

from functions.runtime import journal
from functions.runtime.core import aws
from herald.deployment.deployment import Deployment
from herald.investigate import journal as reader
from infra.declarations.loader import ROOT
from tests.events import body, cloud_event

EVENTS: Final = 100_000
ROWS: Final = 100_000
BATCH: Final = 170
THREADS: Final = 8
TIMES: Final = 5
KNOWN_ROW: Final = "bench/row-77777"
KNOWN_EVENT: Final = "bench/event-77777"
UNKNOWN: Final = "bench/nothing"


def measure(deployment: Deployment) -> dict[str, Any]:
    """Fill the ledger and the journal; return the seconds of each question."""
    fill_ledger(deployment)
    fill_journal(deployment)
    listed = deployment.client("s3").get_paginator("list_objects_v2")
    pages = listed.paginate(Bucket=deployment.outputs["BucketJournal"])
    return {
        "rows": ROWS,
        "events": EVENTS,
        "objects": sum(len(page.get("Contents", [])) for page in pages),
        "start": process([sys.executable, "-c", "import boto3, herald.investigate.why"], expected=0),
        "known_decision": why(KNOWN_ROW, expected=0),
        "known_event": why(KNOWN_EVENT, expected=0),
        "unknown": why(UNKNOWN, expected=1),
        "baseline_whole_journal": whole_journal(deployment),
    }


def why(subject: str, *, expected: int) -> dict[str, float]:
    """Measure `herald why` for one subject."""
    return process([str(ROOT / ".venv/bin/herald"), "why", subject, "--json"], expected=expected)


def process(command: list[str], *, expected: int) -> dict[str, float]:
    """Return the median wall time and CPU time of a command in seconds; CPU time depends less on the machine's load."""
    wall, cpu = [], []
    for _ in range(TIMES):
        began, used = time.monotonic(), children()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
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
    """Return the row of a run without effects."""
    texts = {"pk": f"bench/row-{number}", "sk": f"notify#{number}", "decision": "processed", "effects": "[]"}
    texts["facts"] = json.dumps({"id": str(number), "type": "bench.done"})
    now = int(time.time() * 1000)
    numbers = {"first_at": now, "claimed_at": now, "settled_at": now, "attempt": 1, "expiration": now // 1000 + 86_400}
    return {name: {"S": text} for name, text in texts.items()} | {
        name: {"N": str(value)} for name, value in numbers.items()
    }


def fill_journal(deployment: Deployment) -> None:
    """Write the events of the last hour with the code of the journal function."""
    context: Any = None
    with (
        patch.object(aws, "s3", lambda: deployment.client("s3")),
        patch.object(journal, "resource", lambda *_: deployment.outputs["BucketJournal"]),
        ThreadPoolExecutor(THREADS) as pool,
    ):
        batches = ({"Records": list(batch)} for batch in batched(records(), BATCH, strict=False))
        answers = list(pool.map(lambda batch: journal.keep(batch, context), batches))
    assert not any(answer["batchItemFailures"] for answer in answers)


def records() -> Iterator[dict[str, str]]:
    """Yield messages with one event each, in the order of time."""
    began, step = datetime.now(UTC) - timedelta(minutes=59), timedelta(minutes=58) / EVENTS
    for number in itertools.count():
        if number == EVENTS:
            return
        event = cloud_event(id=f"bench-{number}", subject=f"bench/event-{number}", data={"text": "x" * 500})
        event["time"] = (began + number * step).isoformat(timespec="seconds")
        yield {"messageId": f"m{number}", "body": body(event)}
