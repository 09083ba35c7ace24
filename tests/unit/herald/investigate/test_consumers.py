"""`herald why` names the functions that have not run on an event, and why; `--wait` ends at its deadline."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from functions.runtime.core import subject_filter
from herald import cli
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate import waiting
from herald.local import emulator
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
FILE: Final = "s3://invoices/in/7.json"


def now_ms() -> int:
    """Return the time, which the command line takes from the clock as well."""
    return int(time.time() * 1000)


class Deployed(Deployment):
    """A deployment whose functions all take their events."""

    @property
    def names(self) -> dict[str, str]:
        """What the one bucket that a pattern names is called."""
        return {"bucket.invoices": "invoices"}

    @property
    def paused(self) -> list[str]:
        """None is."""
        return []

    def kept(self, _function: str) -> timedelta:
        """Return how long rows stay."""
        return timedelta(days=42)

    @property
    def running(self) -> list[str]:
        """All are."""
        return list(self.queues)


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Return a deployment on moto, which every command chooses."""
    monkeypatch.setattr(waiting, "TRANSIT_SECONDS", {"local": 0.05, "aws": 0.05})
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 0.3)
    with mock_aws():
        session = boto3.Session("test", "test", region_name="us-east-1")
        made = Deployed(session, "dev")
        specs = [
            FunctionSpec(name=name, description="d", owner="o", trigger=Trigger(samples=("s",), pattern=pattern))
            for name, pattern in PATTERNS.items()
        ]
        devices = Trigger(samples=("s",), iot=IotTrigger(topic="devices/+/x"))
        specs.append(FunctionSpec(name="measure", description="d", owner="o", trigger=devices))
        sqs = made.client("sqs")
        queues = {
            spec.name: {
                kind: sqs.create_queue(QueueName=f"{spec.name}-{kind}")["QueueUrl"]
                for kind in ("queue", "dead_letters")
            }
            for spec in specs
        }
        made.client("dynamodb").create_table(
            TableName="ledger",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        for bucket in ("invoices", "totals", "journal"):
            made.client("s3").create_bucket(Bucket=bucket)
        made.__dict__.update(
            specs={spec.name: spec for spec in specs},
            all_queues=queues,
            outputs={"BucketJournal": "journal", "Ledger": "ledger"},
        )
        monkeypatch.setattr("herald.deployment.deployment.Deployment.choose", lambda **_: made)
        yield made


def settled(
    deployment: Deployment, subject: str, function: str, event: dict[str, Any], *effects: object, **more: int | str
) -> None:
    """Put a run into the ledger, settled a moment ago."""
    row = {"first_at": now_ms(), "settled_at": now_ms(), "attempt": 1, "decision": "processed"} | more
    item: dict[str, Any] = {name: {"N": str(value)} for name, value in row.items() if isinstance(value, int)}
    item |= {name: {"S": value} for name, value in row.items() if isinstance(value, str)}
    item |= {"facts": {"S": json.dumps(event)}, "effects": {"S": json.dumps(effects)}}
    item |= {"pk": {"S": subject}, "sk": {"S": f"{function}#{event['id']}"}}
    deployment.client("dynamodb").put_item(TableName="ledger", Item=item)


def totalled(deployment: Deployment, *, settled_at: int | None = None) -> None:
    """Let `total` have run on the file and emitted."""
    effect = {"kind": "event", "type": "invoice.totalled", "subject": "invoice/7", "id": "e7"}
    fields = {"id": "1", "type": "Object Created"}
    settled(deployment, FILE, "total", fields, effect, settled_at=settled_at or now_ms())


def journalled(deployment: Deployment, total: int) -> None:
    """Keep the event that `total` emitted in the journal."""
    event = cloud_event(
        id="e7", source="herald.total", type="invoice.totalled", subject="invoice/7", data={"sum": total}
    )
    now = datetime.now(UTC)
    line = body(event | {"time": now.isoformat()})
    key = f"events/{now:%Y/%m/%d/%H/%Y%m%dT%H%M%S}-0.{subject_filter.make(['invoice/7'])}.jsonl"
    deployment.client("s3").put_object(Bucket="journal", Key=key, Body=line.encode())


def wait_in(deployment: Deployment, function: str, kind: str = "queue") -> None:
    """Put a message into a function's queue."""
    deployment.client("sqs").send_message(QueueUrl=deployment.queues[function][kind], MessageBody="{}")


def run(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cli.app, list(arguments))


def not_run() -> dict[str, str]:
    """Return what is told under the one effect of the one run."""
    (decision,) = json.loads(run("why", FILE, "--json").stdout)["decisions"]
    return {each["function"]: each["reason"] for each in decision["effects"][0]["not_run"]}


@pytest.mark.parametrize(("total", "names"), [(1, {"book"}), (1_000, {"book", "warn"})])
def test_a_consumer_that_has_not_run_is_named_below_its_cause(
    deployment: Deployment, total: int, names: set[str]
) -> None:
    """By its whole pattern, held against the event that the journal has."""
    totalled(deployment)
    journalled(deployment, total)
    assert not_run().keys() == names
    shown = run("why", FILE).stdout
    assert ("warn has not run: its pattern matches, but no run has begun" in shown) is ("warn" in names)
    assert shown.index("caused invoice.totalled about invoice/7") < shown.index("book has not run")


def test_a_consumer_that_has_run_is_not_named(deployment: Deployment) -> None:
    """Nor is the journal read, where the pattern asks for type and source alone."""
    totalled(deployment)
    journalled(deployment, 1)
    settled(deployment, "invoice/7", "book", {"id": "e7", "type": "invoice.totalled"})
    assert not_run() == {}


def test_the_error_at_start_is_the_reason(deployment: Deployment) -> None:
    """Lambda logs it; without it the answer names the log."""
    totalled(deployment)
    wait_in(deployment, "book")
    held = "its pattern matches, but no run has begun, and its queue holds 1 message: "
    assert not_run()["book"] == f"{held}errors before a run are logged in /aws/lambda/herald-dev-book"
    logs, group = deployment.client("logs"), "/aws/lambda/herald-dev-book"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    text = "[ERROR] Runtime.ImportModuleError: Unable to import module 'h': No module named 'x'\nTraceback"
    event = {"timestamp": int(time.time() * 1000), "message": text}
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])
    fault = "Runtime.ImportModuleError: Unable to import module 'h': No module named 'x'"
    assert not_run()["book"] == f"{held}its code fails before it handles an event: {fault} ({group})"


def test_where_the_event_is_decides_what_is_said(deployment: Deployment) -> None:
    """On its way, in the dead-letter queue, or nowhere."""
    totalled(deployment)
    assert not_run()["book"].endswith("no run has begun: the event may still be on its way")
    assert not_run()["warn"].startswith("its pattern may match (the journal does not have the event), but no run")
    totalled(deployment, settled_at=now_ms() - 3_600_000)
    assert "its queue is empty: it was deployed after the event" in not_run()["book"]
    assert "warn" not in not_run(), "whose condition on the data nobody can judge any more"
    totalled(deployment, settled_at=now_ms() - 43 * 86_400_000)
    assert not_run()["book"].endswith("older than the 42 days for which the ledger keeps its runs")
    wait_in(deployment, "book", "dead_letters")
    assert not_run()["book"].endswith("its dead-letter queue holds 1 message: `herald dlq list --function book`")
    del deployment.all_queues["book"]
    assert not_run()["book"] == "its pattern matches, but it is not deployed"


def test_an_object_that_a_run_wrote_has_consumers_too(deployment: Deployment) -> None:
    """As the object is now; and a second function of the file itself is named beside the first."""
    deployment.client("s3").put_object(Bucket="totals", Key="7", Body=b"7")
    deployment.client("s3").put_object(Bucket="invoices", Key="in/7.json", Body=b"7")
    written = {"kind": "object", "subject": "s3://totals/7"}
    settled(deployment, FILE, "elsewhere", {"id": "1", "type": "Object Created"}, written)
    answer = json.loads(run("why", FILE, "--json").stdout)
    assert [each["function"] for each in answer["decisions"][0]["effects"][0]["not_run"]] == ["archive"]
    assert [each["function"] for each in answer["not_run"]] == ["total"]
    assert "total has not run: its pattern matches" in run("why", FILE).stdout


def test_waiting_says_for_what_and_ends_with_the_answer(deployment: Deployment) -> None:
    """A consumer that cannot start keeps its message: at the deadline the answer is shown, and the exit code is 1."""
    totalled(deployment)
    wait_in(deployment, "book")
    asked = run("why", FILE, "--wait")
    assert asked.exit_code == 1
    assert "waiting for book (its queue is not empty)\n" in asked.stderr
    assert "book has not run" in asked.stdout
    assert isinstance(asked.exception, CommandError)
    assert str(asked.exception) == f"{FILE}: after 0.3 s still waiting for book (its queue is not empty)"


def test_waiting_for_an_open_run_names_it(deployment: Deployment) -> None:
    """With its decision."""
    settled(deployment, FILE, "total", {"id": "1", "type": "Object Created"}, decision="retrying")
    asked = run("why", FILE, "--wait")
    assert "waiting for total (retrying)\n" in asked.stderr
    assert str(asked.exception).endswith("still waiting for total (retrying)")


def test_queues_of_other_functions_are_not_waited_for(deployment: Deployment) -> None:
    """Nor, at the deadline, messages in the queue of one that has run: it may be busy with other events."""
    totalled(deployment)
    settled(deployment, "invoice/7", "book", {"id": "e7", "type": "invoice.totalled"})
    journalled(deployment, 1)
    wait_in(deployment, "measure")
    wait_in(deployment, "archive")
    asked = run("why", FILE, "--wait")
    assert (asked.exit_code, "waiting for" in asked.stderr) == (0, False)
    wait_in(deployment, "total")
    asked = run("why", FILE, "--wait")
    assert (asked.exit_code, "waiting for total (its queue is not empty)" in asked.stderr) == (0, True)


@pytest.mark.parametrize(
    ("subject", "names"),
    [
        ("customer/404", "warn, book, greet, forget"),
        ("order/404", "warn, book, greet"),
        ("s3://invoices/in/404", "total, warn, book, greet"),
        ("s3://invoices/out/404", "warn, book, greet"),
        ("s3://totals/404", "archive, warn, book, greet"),
        ("device/404", "warn, book, greet, measure"),
    ],
)
def test_what_may_wait_is_only_where_it_could_be(deployment: Deployment, subject: str, names: str) -> None:
    """All queues hold messages; named are those whose patterns an event of the subject could match."""
    for function in deployment.queues:
        wait_in(deployment, function)
    asked = run("why", subject)
    assert asked.exit_code == 1
    assert str(asked.exception).endswith(f"; it may be among what waits in the queues of {names}")


def test_the_emulator_s_log_has_the_error_at_start(
    deployment: Deployment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last one of the function counts."""
    lines = [
        f"ERROR [lambda] Warm worker execution error for {name}: Worker init failed: {fault}"
        for name, fault in (
            ("herald-dev-book", "old"),
            ("herald-dev-book", "No module named 'x'"),
            ("herald-dev-booking", "other"),
        )
    ]
    (tmp_path / "emulator.log").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(emulator, "STATE", tmp_path)
    object.__setattr__(deployment, "endpoint", "http://127.0.0.1:1")
    assert deployment.client("sqs")
    totalled(deployment)
    wait_in(deployment, "book")
    assert f"No module named 'x' ({tmp_path}/emulator.log)" in not_run()["book"]
