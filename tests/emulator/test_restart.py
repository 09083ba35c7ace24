"""The local AWS restarts during work: the remaining events are processed, each once."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
from botocore.exceptions import BotoCoreError, ClientError

from functions.runtime.ledger import statements
from herald.deployment.queues import post
from herald.local import emulator
from infra.declarations.loader import ROOT
from tests.events import body, cloud_event
from tests.stage import SETTINGS

EVENTS: Final = 200
SECONDS: Final = 60


class KeptAws:
    """A separate emulator that saves its state when it ends, with a queue, a ledger and a bus."""

    def __init__(self, directory: Path) -> None:
        """Choose a port, and set the environment variables of the emulator and of the function."""
        self.directory, port = directory, emulator.free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self.environment = os.environ | {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(directory / "state"),
            "S3_DATA_DIR": str(directory / "s3"),
            "LOG_LEVEL": "WARNING",
        }
        names = {
            "QUEUE_URL": f"{self.endpoint}/000000000000/f",
            "DEAD_LETTER_URL": f"{self.endpoint}/000000000000/f-dead",
        }
        self.function = os.environ | {f"HERALD_{name}": value for name, value in (SETTINGS | names).items()}
        self.function |= {"AWS_ENDPOINT_URL": self.endpoint, "AWS_DEFAULT_REGION": emulator.REGION}
        self.function |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        self.function |= {"POWERTOOLS_LOG_LEVEL": "CRITICAL", "POWERTOOLS_METRICS_DISABLED": "1"}

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 creates client classes at run time
        """Return a client of a service."""
        return emulator.session().client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload] # the name is not a literal here

    def answers(self) -> bool:
        """Return whether the emulator responds."""
        try:
            return bool(self.client("sqs").list_queues())
        except (BotoCoreError, ClientError):
            return False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the emulator, and end it with SIGTERM."""
        with _process([str(emulator.PROGRAM)], self.environment):
            assert emulator.wait_until(self.answers, SECONDS, every=0.2)
            self.make()
            yield

    @contextmanager
    def working(self) -> Iterator[None]:
        """Run a worker of the function."""
        with _process([sys.executable, "-m", "tests.emulator.support.worker", str(self.directory)], self.function):
            yield

    def make(self) -> None:
        """Create the queues, the ledger and the bus, if they do not exist."""
        sqs, dynamodb = self.client("sqs"), self.client("dynamodb")
        for name in ("f", "f-dead"):
            sqs.create_queue(QueueName=name)
        if SETTINGS["LEDGER"] not in dynamodb.list_tables()["TableNames"]:
            dynamodb.create_table(
                TableName=SETTINGS["LEDGER"],
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            )
            self.client("events").create_event_bus(Name=SETTINGS["BUS"])

    def decided(self) -> Counter[tuple[str, str]]:
        """Count the rows of the ledger by subject and decision."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=SETTINGS["LEDGER"])
        rows = [statements.plain(item) for page in pages for item in page["Items"]]
        return Counter((row["pk"], str(row["decision"])) for row in rows)


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = psutil.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        emulator.end(process)


def test_events_from_before_a_restart_are_processed_after_it(tmp_path: Path) -> None:
    """The emulator ends while its queue still holds messages; afterwards each event has one row, `processed`."""
    kept = KeptAws(tmp_path)
    events = [
        cloud_event(id=f"o{n}", type="order.placed", subject=f"order/{n}", data={"number": n, "poison": False})
        for n in range(EVENTS)
    ]
    messages = [{"MessageBody": body(event), "MessageAttributes": {}} for event in events]
    with kept.running():
        assert len(post(kept.client("sqs"), kept.function["HERALD_QUEUE_URL"], messages)) == EVENTS
        with kept.working():
            assert emulator.wait_until(kept.decided, SECONDS, every=0.02)
        before = kept.decided()
    assert sum(before.values()) < EVENTS, "all events were processed before the restart"
    with kept.running(), kept.working():
        wanted = {(f"order/{number}", "processed"): 1 for number in range(EVENTS)}
        assert emulator.wait_until(lambda: kept.decided() == wanted, SECONDS, every=0.5), kept.decided()
