"""A deployment on moto with seven functions, and helpers that fill its ledger, journal and queues."""

import json
import time
from datetime import UTC, datetime
from typing import Any, Final

import boto3
from typer.testing import CliRunner, Result

from functions.runtime.core import subject_filter
from functions.runtime.ledger import runs_index, statements
from herald import cli
from herald.deployment.deployment import Deployment
from infra.declarations.spec import FunctionSpec, IotTrigger, Trigger
from tests.events import body, cloud_event

OURS: Final = {"source": ["herald.total"], "detail-type": ["invoice.totalled"]}
PATTERNS: Final[dict[str, dict[str, Any]]] = {
    "total": {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["${bucket.invoices}"]}, "object": {"key": [{"prefix": "in/"}]}},
    },
    "archive": {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["totals"]}}},
    "warn": OURS | {"detail": {"data": {"sum": [{"numeric": [">", 100]}]}}},
    "book": OURS,
    "greet": {"source": ["crm"], "detail-type": ["customer.created"]},
    "forget": {"detail-type": ["customer.deleted"], "detail": {"subject": [{"prefix": "customer/"}]}},
}
PROJECTED: Final = ("error_class", "correlation_id", "attempt", "duration_ms")
FILE: Final = "s3://invoices/in/7.json"


class Installation(Deployment):
    """A deployment in which patterns use one bucket."""

    @property
    def names(self) -> dict[str, str]:
        """The physical name of the bucket."""
        return {"bucket.invoices": "invoices"}


def install() -> Deployment:
    """Create queues, ledger and buckets on moto, and return their deployment."""
    made = Installation(boto3.Session("test", "test", region_name="us-east-1"), "dev")
    specs = [
        FunctionSpec(name=name, description="d", owner="o", trigger=Trigger(samples=("s",), pattern=pattern))
        for name, pattern in PATTERNS.items()
    ]
    devices = Trigger(samples=("s",), iot=IotTrigger(topic="devices/+/x"))
    specs.append(FunctionSpec(name="measure", description="d", owner="o", trigger=devices))
    sqs = made.client("sqs")
    queues = {
        spec.name: {
            kind: sqs.create_queue(QueueName=f"{spec.name}-{kind}")["QueueUrl"] for kind in ("queue", "dead_letters")
        }
        for spec in specs
    }
    made.client("dynamodb").create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("pk", "S"), ("sk", "S"), ("hour", "S"), ("settled_at", "N"))
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "runs",
                "KeySchema": [
                    {"AttributeName": "hour", "KeyType": "HASH"},
                    {"AttributeName": "settled_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["facts", "decision", *PROJECTED]},
            }
        ],
    )
    for bucket in ("invoices", "totals", "journal"):
        made.client("s3").create_bucket(Bucket=bucket)
    undelivered = sqs.create_queue(QueueName="undelivered")["QueueUrl"]
    made.__dict__.update(
        specs={spec.name: spec for spec in specs},
        all_queues=queues,
        outputs={"BucketJournal": "journal", "Ledger": "ledger", "Undelivered": undelivered},
    )
    return made


def now_ms() -> int:
    """Return the current time in ms since the epoch."""
    return int(time.time() * 1000)


def settled(
    deployment: Deployment, subject: str, function: str, event: dict[str, Any], *effects: object, **more: int | str
) -> None:
    """Put the row of a run that was settled now into the ledger."""
    row: dict[str, Any] = {"first_at": now_ms(), "settled_at": now_ms(), "attempt": 1, "decision": "processed"} | more
    row["hour"] = runs_index.partition(row["settled_at"], event["id"])
    item: dict[str, Any] = {name: {"N": str(value)} for name, value in row.items() if isinstance(value, int)}
    item |= {name: {"S": value} for name, value in row.items() if isinstance(value, str)}
    item |= {"facts": {"S": statements.to_json(event)}, "effects": {"S": json.dumps(effects)}}
    item |= {"pk": {"S": subject}, "sk": {"S": f"{function}#{event['id']}"}}
    deployment.client("dynamodb").put_item(TableName="ledger", Item=item)


def totalled(deployment: Deployment, *, settled_at: int | None = None) -> None:
    """Put a run of `total` on the file into the ledger, with an event as its effect."""
    effect = {"kind": "event", "type": "invoice.totalled", "subject": "invoice/7", "id": "e7"}
    fields = {"id": "1", "type": "Object Created"}
    settled(deployment, FILE, "total", fields, effect, settled_at=settled_at or now_ms())


def journalled(deployment: Deployment, total: int) -> None:
    """Put the event of `total` into the journal."""
    event = cloud_event(
        id="e7", source="herald.total", type="invoice.totalled", subject="invoice/7", data={"sum": total}
    )
    now = datetime.now(UTC)
    line = body(event | {"time": now.isoformat()})
    key = f"events/{now:%Y/%m/%d/%H/%Y%m%dT%H%M%S}-0.{subject_filter.make(['invoice/7'])}.jsonl"
    deployment.client("s3").put_object(Bucket="journal", Key=key, Body=line.encode())


def enqueue(deployment: Deployment, function: str, kind: str = "queue") -> None:
    """Put a message into a queue of a function."""
    deployment.client("sqs").send_message(QueueUrl=deployment.queues[function][kind], MessageBody="{}")


def run(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cli.app, list(arguments))


def not_run() -> dict[str, str]:
    """Return the functions that have not run on the one effect of the one run, with their reasons."""
    (decision,) = json.loads(run("why", FILE, "--json").stdout)["decisions"]
    return {each["function"]: each["reason"] for each in decision["effects"][0]["not_run"]}
