"""The load of the soak test: orders, some poisoned, repeated or out of order, and workers that are killed at random."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import batched
from pathlib import Path
from typing import Any, Final

from herald.local import emulator
from infra.declarations import loader
from infra.declarations.loader import ROOT
from tests.emulator.support.deployed import Aws

EVENTS: Final = int(os.environ.get("HERALD_SOAK_EVENTS", "2000"))
SUBJECTS: Final = EVENTS // 2
POISON: Final = 0.01
REPEATED: Final = 0.05
REORDERED: Final = 0.05
WORKERS: Final = 2
KILL_EVERY_SECONDS: Final = 2.0

# Orders are reports with failures, which the rule of notify matches; the contract allows additional fields.
REPORT: Final = loader.sample("report.published/red")["detail"]["data"]

type Order = dict[str, Any]


def orders(chance: random.Random) -> list[Order]:
    """Return two CloudEvents of each subject; some are poisoned, some are out of order."""
    made = [
        {
            "specversion": "1.0",
            "id": f"order-{number}",
            "source": "herald.summarise_test_report",
            "type": "report.published",
            "subject": f"soak/{number % SUBJECTS}",
            "time": "2026-11-12T00:00:00Z",
            "sequence": f"{number // SUBJECTS}",
            "data": REPORT | {"number": number, "poison": chance.random() < POISON},
        }
        for number in range(EVENTS)
    ]
    for first in range(SUBJECTS):
        if chance.random() < REORDERED:
            made[first], made[first + SUBJECTS] = made[first + SUBJECTS], made[first]
    return made


def _environment(aws: Aws) -> dict[str, str]:
    """Return the environment variables of the deployed function, with the endpoint of the local AWS."""
    variables = aws.deployment.client("lambda").get_function_configuration(FunctionName="herald-dev-notify")
    environment: dict[str, str] = os.environ | variables["Environment"]["Variables"]
    environment |= {"AWS_ENDPOINT_URL": aws.deployment.endpoint or "", "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
    environment |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": emulator.REGION}
    environment |= {"AWS_DEFAULT_REGION": emulator.REGION, "HERALD_ORDER": "newest", "POWERTOOLS_METRICS_DISABLED": "1"}
    return environment


@contextmanager
def workers(aws: Aws, directory: Path, chance: random.Random) -> Iterator[Counter[str]]:
    """Run workers in place of the paused function, and kill one of them at random times."""
    environment = _environment(aws)

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.emulator.support.worker", str(directory)]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)

    running, seen = [start() for _ in range(WORKERS)], Counter[str]()
    ended = False

    def kill() -> None:
        while not ended:
            # The time until the next fault: the test does not wait for a condition here.
            time.sleep(chance.uniform(0, 2 * KILL_EVERY_SECONDS))
            victim = chance.randrange(WORKERS)
            running[victim].send_signal(signal.SIGKILL)
            running[victim].wait()
            running[victim] = start()
            seen["killed"] += 1

    with ThreadPoolExecutor(1) as pool:
        killer = pool.submit(kill)
        try:
            yield seen
        finally:
            ended = True
            killer.result()
            (directory / "stop").touch()
            for worker in running:
                worker.wait()


def emit(aws: Aws, made: list[Order], chance: random.Random) -> int:
    """Put the orders on the bus, some of them twice; return how many entries the bus accepted."""
    repeated = [order for order in made if chance.random() < REPEATED]
    events, bus, accepted = aws.deployment.client("events"), aws.deployment.outputs["Bus"], 0
    for group in batched([*made, *repeated], 10, strict=False):
        entries = [
            {"Source": each["source"], "DetailType": each["type"], "Detail": json.dumps(each), "EventBusName": bus}
            for each in group
        ]
        accepted += 10 - events.put_events(Entries=entries)["FailedEntryCount"]
    return accepted
