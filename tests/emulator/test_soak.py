"""Thousands of events pass workers that are killed at random; the ledger and an independent count include each event.

`make test` sends two thousand events, `make soak` ten thousand.
"""

import json
import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from functions.runtime.ledger import statements
from herald import cli
from herald.deployment import switch
from herald.deployment.queues import Hold, count
from herald.local import emulator
from tests.emulator.support.deployed import Aws
from tests.emulator.support.soak import EVENTS, Order, emit, orders, workers

DEADLINE_SECONDS: Final = 60 + EVENTS * 0.06


@pytest.fixture
def answers(aws: Aws) -> str:
    """Create a rule and a queue for the answers; return the URL of the queue."""
    events, sqs, bus = aws.deployment.client("events"), aws.deployment.client("sqs"), aws.deployment.outputs["Bus"]
    url: str = sqs.create_queue(QueueName="answers")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="answers", EventBusName=bus, EventPattern=json.dumps({"detail-type": ["order.answered"]}))
    events.put_targets(Rule="answers", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def test_every_event_is_accounted_for(aws: Aws, answers: str, tmp_path: Path) -> None:
    """1 % of the events are poisoned, 5 % repeated and 5 % out of order, and workers are killed with SIGKILL."""
    chance = random.Random(7)  # noqa: S311 - a repeatable schedule
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
    """Return the decision on each order by its id, from all rows of orders."""
    table = aws.deployment.outputs["Ledger"]
    pages = aws.deployment.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = (statements.plain(item) for page in pages for item in page["Items"])
    of_notify = (item for item in items if item["sk"].startswith("notify#"))
    rows = [item for item in of_notify if item["pk"].startswith("soak/") and "facts" in item]
    decided = {item["facts"]["id"]: str(item["decision"]) for item in rows}
    assert len(rows) == len(decided) == EVENTS, "an order does not have exactly one row"
    return decided


def check_ledger(decided: Mapping[str, str], made: list[Order]) -> None:
    """Expect poisoned orders to be rejected, and the newest valid order of each subject to be processed."""
    bad = {order["id"] for order in made if order["data"]["poison"]}
    assert {number for number, decision in decided.items() if decision == "rejected"} <= bad
    assert {decided[number] for number in bad} <= {"rejected", "stale"}
    good = sorted((order for order in made if order["id"] not in bad), key=lambda order: str(order["sequence"]))
    newest = {order["subject"]: order["id"] for order in good}
    assert {decided[number] for number in newest.values()} == {"processed"}


def check_answers(aws: Aws, decided: Mapping[str, str], answers: str, killed: int) -> None:
    """Expect one answer to each processed order, for a consumer that compares ids."""
    ids: dict[str, set[str]] = defaultdict(set)
    with Hold(aws.deployment.client("sqs"), answers) as hold:
        for message in (each for batch in hold.batches() for each in batch):
            answer = json.loads(message["Body"])["detail"]
            ids[f"order-{answer['data']['number']}"].add(answer["id"])
    assert {len(each) for each in ids.values()} == {1}
    processed = {number for number, decision in decided.items() if decision == "processed"}
    assert processed <= ids.keys()
    assert len(processed) > EVENTS * 0.9
    # A worker may be killed after its events are sent and before the run is settled. If a newer order of the subject is
    # claimed next, the older order becomes stale.
    overtaken = ids.keys() - processed
    assert {decided[number] for number in overtaken} <= {"stale"}
    assert len(overtaken) <= 10 * killed


def check_reconciled(aws: Aws, decided: Mapping[str, str]) -> None:
    """Expect `herald reconcile` to count the same from the journal."""
    queue = aws.deployment.all_queues["journal"]["queue"]
    assert emulator.wait_until(lambda: not count(aws.deployment.client("sqs"), queue), DEADLINE_SECONDS)
    asked = CliRunner().invoke(cli.app, ["reconcile", "notify", "--from", "1h", "--json"])
    answer = json.loads(asked.stdout)
    mine = [finding for finding in answer["findings"] if finding["subject"].startswith("soak/")]
    assert {finding["event_id"] for finding in mine} == {n for n, decision in decided.items() if decision == "rejected"}
    assert {finding["state"] for finding in mine} == {"dead"}
    assert answer["processed"] + len(mine) >= EVENTS
    # Some events of other tests are missing: one test purges the queue of a function that cannot start.
    lost = [finding["subject"] for finding in answer["findings"] if finding["state"] != "dead"]
    assert [subject for subject in lost if not subject.endswith("/reports/unheard.xml")] == []
