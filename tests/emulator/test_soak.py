"""Thousands of events through workers killed at random: each is accounted for, by Herald and by a count apart.

`make test` sends two thousand, `make soak` ten thousand.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import batched
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from functions.runtime.ledger import statements
from herald import cli
from herald.deployment import switch
from herald.deployment.queues import Hold, count
from herald.local import emulator
from infra.declarations import loader
from infra.declarations.loader import ROOT
from tests.emulator.deployed import Aws

EVENTS: Final = int(os.environ.get("HERALD_SOAK_EVENTS", "2000"))
SUBJECTS: Final = EVENTS // 2
POISON: Final = 0.01
REPEATED: Final = 0.05
REORDERED: Final = 0.05
WORKERS: Final = 2
KILL_EVERY_SECONDS: Final = 2.0
DEADLINE_SECONDS: Final = 60 + EVENTS * 0.06

# Orders come as reports with failures, which notify's rule takes; readers pass over the fields that are not a report's.
REPORT: Final = loader.sample("report.published/red")["detail"]["data"]

type Order = dict[str, Any]


def orders(chance: random.Random) -> list[Order]:
    """Return CloudEvents, two of each subject, some poisoned; some of the second before the first."""
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


@contextmanager
def workers(aws: Aws, directory: Path, chance: random.Random) -> Iterator[Counter[str]]:
    """Run workers in place of the paused function; `kill` one of them now and then."""
    variables = aws.deployment.client("lambda").get_function_configuration(FunctionName="herald-dev-notify")
    environment = os.environ | variables["Environment"]["Variables"]
    environment |= {"AWS_ENDPOINT_URL": aws.deployment.endpoint or "", "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
    environment |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": emulator.REGION}
    environment |= {"AWS_DEFAULT_REGION": emulator.REGION, "HERALD_ORDER": "newest", "POWERTOOLS_METRICS_DISABLED": "1"}

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.emulator.worker", str(directory)]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)

    running, seen = [start() for _ in range(WORKERS)], Counter[str]()
    ended = False

    def kill() -> None:
        while not ended:
            time.sleep(chance.uniform(0, 2 * KILL_EVERY_SECONDS))  # a fault's time, not a wait for anything
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
    """Put the orders on the bus, some of them twice; return how many entries the bus took."""
    repeated = [order for order in made if chance.random() < REPEATED]
    events, bus, taken = aws.deployment.client("events"), aws.deployment.outputs["Bus"], 0
    for group in batched([*made, *repeated], 10, strict=False):
        entries = [
            {"Source": each["source"], "DetailType": each["type"], "Detail": json.dumps(each), "EventBusName": bus}
            for each in group
        ]
        taken += 10 - events.put_events(Entries=entries)["FailedEntryCount"]
    return taken


@pytest.fixture
def answers(aws: Aws) -> str:
    """Return the queue of a consumer of the answers, who has its own rule."""
    events, sqs, bus = aws.deployment.client("events"), aws.deployment.client("sqs"), aws.deployment.outputs["Bus"]
    url: str = sqs.create_queue(QueueName="answers")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="answers", EventBusName=bus, EventPattern=json.dumps({"detail-type": ["order.answered"]}))
    events.put_targets(Rule="answers", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def test_every_event_is_accounted_for(aws: Aws, answers: str, tmp_path: Path) -> None:
    """1 % poison, 5 % twice, 5 % out of order, and kill -9 throughout."""
    chance = random.Random(7)  # noqa: S311 - a schedule that can be repeated
    made, sqs = orders(chance), aws.deployment.client("sqs")
    switch.pause(aws.deployment, "notify")
    queue = aws.deployment.queues["notify"]["queue"]
    try:
        with workers(aws, tmp_path, chance) as seen:
            emit(aws, made, chance)
            drained = emulator.wait_until(lambda: not count(sqs, queue), DEADLINE_SECONDS, every=0.5)
    finally:
        switch.resume(aws.deployment, "notify")
    assert drained
    assert seen["killed"] >= EVENTS / 500
    decided = decisions(aws)
    check_ledger(decided, made)
    check_answers(aws, decided, answers, seen["killed"])
    check_reconciled(aws, decided)


def decisions(aws: Aws) -> dict[str, str]:
    """Return what was decided by the id of the order, from every row there is of one."""
    table = aws.deployment.outputs["Ledger"]
    pages = aws.deployment.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = (statements.plain(item) for page in pages for item in page["Items"])
    of_notify = (item for item in items if item["sk"].startswith("notify#"))
    rows = [item for item in of_notify if item["pk"].startswith("soak/") and "facts" in item]
    decided = {item["facts"]["id"]: str(item["decision"]) for item in rows}
    assert len(rows) == len(decided) == EVENTS, "one row for each order, however often it came"
    return decided


def check_ledger(decided: Mapping[str, str], made: list[Order]) -> None:
    """Expect the poisoned rejected and the last good order of each subject acted on, whatever came when."""
    bad = {order["id"] for order in made if order["data"]["poison"]}
    assert {number for number, decision in decided.items() if decision == "rejected"} <= bad
    assert {decided[number] for number in bad} <= {"rejected", "stale"}
    good = sorted((order for order in made if order["id"] not in bad), key=lambda order: str(order["sequence"]))
    newest = {order["subject"]: order["id"] for order in good}
    assert {decided[number] for number in newest.values()} == {"processed"}


def check_answers(aws: Aws, decided: Mapping[str, str], answers: str, killed: int) -> None:
    """Expect one answer to each order that was acted on, for a consumer that tells repeats by their ids."""
    ids: dict[str, set[str]] = defaultdict(set)
    with Hold(aws.deployment.client("sqs"), answers) as hold:
        for message in (each for batch in hold.batches() for each in batch):
            answer = json.loads(message["Body"])["detail"]
            ids[f"order-{answer['data']['number']}"].add(answer["id"])
    assert {len(each) for each in ids.values()} == {1}
    acted = {number for number, decision in decided.items() if decision == "processed"}
    assert acted <= ids.keys()
    assert len(acted) > EVENTS * 0.9
    # A worker killed after its events had left, and before it could say so: if a newer order of the subject goes first
    # then, the older one's row says that it came too late.
    overtaken = ids.keys() - acted
    assert {decided[number] for number in overtaken} <= {"stale"}
    assert len(overtaken) <= 10 * killed


def check_reconciled(aws: Aws, decided: Mapping[str, str]) -> None:
    """`herald reconcile` counts the same, from the journal."""
    queue = aws.deployment.all_queues["journal"]["queue"]
    assert emulator.wait_until(lambda: not count(aws.deployment.client("sqs"), queue), DEADLINE_SECONDS)
    asked = CliRunner().invoke(cli.app, ["reconcile", "notify", "--from", "1h", "--json"])
    answer = json.loads(asked.stdout)
    mine = [finding for finding in answer["findings"] if finding["subject"].startswith("soak/")]
    assert {finding["event_id"] for finding in mine} == {n for n, decision in decided.items() if decision == "rejected"}
    assert {finding["state"] for finding in mine} == {"dead"}
    assert answer["processed"] + len(mine) >= EVENTS
    # Events of other tests are missing on purpose: one purges the queue of a function that cannot start.
    lost = [finding["subject"] for finding in answer["findings"] if finding["state"] != "dead"]
    assert [subject for subject in lost if not subject.endswith("/reports/unheard.xml")] == []
