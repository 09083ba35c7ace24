"""What lies in the queues of a function that was renamed, and in the ledger, as the command line takes it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from functions.runtime.batch.carried import ATTRIBUTE
from functions.runtime.batch.dead_letters import DeadLetter
from functions.runtime.envelopes.envelope import parse
from herald.commands import dlq
from herald.dead_letters import letters
from herald.deployment import queues
from herald.deployment.deployment import Deployment
from herald.deployment.queues import Pace
from herald.investigate import journal, reconcile, waiting
from herald.investigate.journal import Entry
from herald.investigate.reconcile import Reconciliation
from herald.local import emulator
from infra.declarations.spec import FunctionSpec, Trigger
from tests.events import BUCKET, body, cloud_event, object_created
from tests.stage import Stage, install

SPEC: Final = FunctionSpec(
    name="new",
    description="d",
    owner="o",
    formerly=("first", "old"),
    trigger=Trigger(samples=("s",), pattern={"source": ["shop"]}),
)
SAID: Final = DeadLetter(
    reason="no", error=None, function="old", attempts=1, correlation_id=None, generation=0, first_at=1, last_at=1
)
LETTER: Final = {ATTRIBUTE: {"DataType": "String", "StringValue": json.dumps(asdict(SAID))}}
UNDELIVERED: Final = {"TARGET_ARN": {"DataType": "String", "StringValue": "arn:aws:sqs:us-east-1:1:herald-dev-old"}}


def deployed(client: Any) -> Deployment:  # noqa: ANN401 - of any service
    """Return dev with the renamed function, of which nothing is asked but through a client."""
    session: Any = None
    made = Deployment(session, "dev", _clients={"sqs": client, "dynamodb": client})
    made.__dict__.update(specs={"new": SPEC}, outputs={"Ledger": "ledger"})
    return made


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Return a deployment after the rename, in prod's way: the old queues are there, and hold messages."""
    monkeypatch.setattr(queues, "WAIT_SECONDS", 0)  # moto hands out all that it has
    with mock_aws():
        sqs = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 - moto's
        made = deployed(sqs)
        for name in ("herald-dev-old", "herald-dev-new", "herald-dev-other"):
            sqs.create_queue(QueueName=name)
            sqs.create_queue(QueueName=f"{name}-dead")
        made.outputs["Undelivered"] = sqs.create_queue(QueueName="undelivered")["QueueUrl"]
        old = made.all_queues["old"]
        for url, text, attributes in (
            (old["dead_letters"], "buried", LETTER),
            (old["queue"], "waiting", {}),
            (made.outputs["Undelivered"], "undelivered", UNDELIVERED),
            (made.all_queues["other"]["dead_letters"], "another's", LETTER),
        ):
            queues.post(sqs, url, [{"MessageBody": text, "MessageAttributes": attributes}])
        yield made


class Mappings:
    """Lambda's event source mappings: of these functions, the first of them paused."""

    def __init__(self, *names: str) -> None:
        """Keep their names."""
        self.names = names

    def get_paginator(self, _listing: str) -> "Mappings":
        """Return itself."""
        return self

    def paginate(self) -> list[dict[str, Any]]:
        """List them, with the version that an ARN may end in."""
        arn = "arn:aws:lambda:us-east-1:1:function:herald-dev-"
        states = zip(self.names, ("Disabled", "Enabled", "Enabled"), strict=False)
        return [{"EventSourceMappings": [{"FunctionArn": f"{arn}{name}:1", "State": state}]} for name, state in states]


def bodies(deployment: Deployment, function: str, kind: str = "queue") -> set[str]:
    """Take what a queue holds."""
    url = deployment.all_queues[function][kind]
    reply = deployment.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return {each["Body"] for each in reply.get("Messages", [])}


def test_letters_of_a_former_name_are_the_function_s_of_today(deployment: Deployment) -> None:
    """Buried, left waiting or undelivered; each says where it lies, and why."""
    groups = letters.groups(letters.read(deployment, letters.Filter(function="new")))
    told = {(each["function"], each["place"], each["error"]): each["reason"] for each in groups}
    assert told.keys() == {
        ("new", "old", "rejected"),
        ("new", "old", "Renamed"),
        ("new", "undelivered", "Undelivered"),
    }
    assert told["new", "old", "Renamed"] == "it was left when the function was renamed, which was called old"


@pytest.mark.parametrize("name", ["first", "old", "new"])
def test_they_are_redriven_to_the_function_of_today(
    deployment: Deployment, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whichever of its names they are asked for; another's stay."""
    monkeypatch.setattr(dlq, "choose", lambda *_: deployment)
    result = CliRunner().invoke(dlq.dlq, ["redrive", "--function", name])
    assert (result.exit_code, result.stdout) == (0, "3 letters were redriven.\n"), result.output
    assert bodies(deployment, "new") == {"buried", "waiting", "undelivered"}
    assert bodies(deployment, "old") == bodies(deployment, "old", "dead_letters") == set()
    assert bodies(deployment, "other", "dead_letters") == {"another's"}


def test_until_the_rename_is_deployed_what_waits_is_left_to_the_function(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its letters are found, and stay, for they have nowhere to go; what waits in its queue is no letter."""
    del deployment.all_queues["new"]
    monkeypatch.setattr(dlq, "choose", lambda *_: deployment)
    listed = CliRunner().invoke(dlq.dlq, ["list", "--function", "old", "--json"])
    assert [group["count"] for group in json.loads(listed.stdout)["groups"]] == [1, 1], "buried, and undelivered"
    moved = letters.redrive(deployment, letters.Filter(), force=False, pace=Pace(None), progress=lambda _: None)
    assert (moved.moved, moved.failed) == (0, 3)
    assert bodies(deployment, "old") == {"waiting"}
    letters.drop(deployment, letters.Filter(), lambda _: None)
    empty = CliRunner().invoke(dlq.dlq, ["list", "--function", "old"])
    assert (empty.exit_code, empty.stdout) == (0, "There are no such letters.\n")


@pytest.mark.parametrize(("taken", "waited"), [(["new"], False), (["new", "old"], True), (["old"], True)])
def test_why_waits_for_the_queues_that_somebody_takes_from(
    deployment: Deployment, taken: list[str], *, waited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a rename left behind waits for a person; the old queue is the function's until the rename is deployed."""
    ended: list[bool] = []

    def wait_until(condition: Callable[[], object], _seconds: float, *, every: float) -> bool:
        ended.append(emulator.wait_until(condition, 0.5, every=every))
        return ended[0]

    deployment._clients["lambda"] = Mappings("other", *taken)  # noqa: SLF001 - as `deployed` gives the others
    monkeypatch.setattr(waiting, "TRANSIT_SECONDS", {"aws": 0.05})
    monkeypatch.setattr(waiting, "emulator", SimpleNamespace(wait_until=wait_until))
    monkeypatch.setattr(waiting, "History", lambda _deployment: SimpleNamespace(decisions=lambda _subject: []))
    waiting.wait(deployment, "thing/1", lambda _: None)
    assert ended == [not waited]


def test_only_what_was_asked_about_is_dropped(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter stays that comes while the question stands, and so does what was left waiting, which no worker saw."""
    sqs, urls = deployment.client("sqs"), deployment.all_queues["old"]

    def confirm(question: str, **_: bool) -> None:
        assert question == "Delete 2 letters for good?"
        queues.post(sqs, urls["dead_letters"], [{"MessageBody": "late", "MessageAttributes": LETTER}])

    monkeypatch.setattr(dlq, "choose", lambda *_: deployment)
    monkeypatch.setattr(dlq, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr("typer.confirm", confirm)
    dropped = CliRunner().invoke(dlq.dlq, ["drop", "--function", "old"])
    assert dropped.stdout == "2 letters were deleted.\n", dropped.output
    assert bodies(deployment, "old") == {"waiting"}
    assert bodies(deployment, "old", "dead_letters") == {"late"}


def test_the_letters_of_a_function_that_is_gone_stay(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prod retains its queue, from which nobody takes: moved there they would lie unseen until SQS deletes them."""
    monkeypatch.setattr(dlq, "choose", lambda *_: deployment)
    foretold = CliRunner().invoke(dlq.dlq, ["redrive", "--function", "other", "--dry-run"])
    assert foretold.stdout == "0 letters would be redriven, 1 refused.\n"
    wanted = letters.Filter(function="other")
    moved = letters.redrive(deployment, wanted, force=False, pace=Pace(None), progress=lambda _: None)
    assert (moved.moved, moved.failed) == (0, 1)
    assert bodies(deployment, "other") == set()
    assert bodies(deployment, "other", "dead_letters") == {"another's"}


@pytest.mark.parametrize("order", ["none", "newest"])
def test_reconcile_knows_what_was_processed_before(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the first name; what the ledger has not is missing, as it was."""
    stage = install(Stage(lambda _event, _run: None), monkeypatch, FUNCTION="first", ORDER=order)
    events = [cloud_event(id=f"e{number}", sequence=f"{number}") for number in (1, 2)]
    stage.send(body(events[0]))
    stage.deliver()
    entries = [Entry(envelope=each, event=parse(json.dumps(each))) for each in events]
    monkeypatch.setattr(journal, "read", lambda *_: iter(entries))
    monkeypatch.setattr(Deployment, "kept", lambda *_: timedelta(days=42))
    deployment = deployed(stage)
    deployment.__dict__["all_queues"] = {"new": {"queue": "queue", "dead_letters": "dead"}}
    work = Reconciliation(deployment, "new", timedelta(hours=1))
    work.run(datetime.now(UTC) - timedelta(hours=1), lambda _: None)
    assert work.counts == {"processed": 1, "missing": 1}
    assert [finding.event.id for finding in work.findings] == ["e2"]


WANTED: Final[dict[str, Any]] = {
    "source": ["aws.s3"],
    "detail": {"bucket": {"name": [BUCKET]}, "object": {"key": [{"suffix": ".xml"}]}},
}


class Bucket:
    """S3 without versions, with one object: what an event told of, long before the journal begins."""

    def __init__(self, told: dict[str, Any], age: timedelta) -> None:
        """Hold it."""
        self.told = told["object"]
        self.written = datetime.now(UTC) - age

    def get_paginator(self, _listing: str) -> "Bucket":
        """Return itself."""
        return self

    def paginate(self, **_call: str) -> list[dict[str, Any]]:
        """List it."""
        found = {"LastModified": self.written, "Size": self.told["size"]}
        return [{"Contents": [found | {"Key": self.told["key"]}, found | {"Key": "nobody/cares"}]}]

    def head_object(self, **_call: str) -> dict[str, Any]:
        """Describe it."""
        told = self.told
        return {"ContentLength": told["size"], "ETag": told["etag"], "LastModified": self.written}


@pytest.mark.parametrize(
    ("age", "processed", "missing", "forgotten"),
    [(timedelta(days=41), True, 0, 0), (timedelta(days=41), False, 1, 0), (timedelta(days=43), False, 0, 1)],
)
def test_reconcile_takes_objects_for_missing_that_the_ledger_would_know(
    age: timedelta, *, processed: bool, missing: int, forgotten: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No event in the journal tells of them: a run says what was in it; one that is older has no row any more."""
    stage = install(Stage(lambda _event, _run: None), monkeypatch, FUNCTION="first")
    written = object_created(version=None)
    if processed:
        stage.send(body(written))
        stage.deliver()
    deployment = deployed(stage)
    deployment.__dict__["all_queues"] = {"new": {"queue": "queue", "dead_letters": "dead"}}
    deployment._clients["s3"] = Bucket(written["detail"], age)  # noqa: SLF001 - as `deployed` gives the others
    deployment.__dict__["specs"]["new"] = replace(SPEC, trigger=Trigger(samples=("s",), pattern=WANTED))
    deployment.__dict__["session"] = SimpleNamespace(region_name="eu-west-1")
    monkeypatch.setattr(journal, "read", lambda *_: iter(()))
    monkeypatch.setattr(Deployment, "kept", lambda *_: timedelta(days=42))
    monkeypatch.setattr(reconcile, "History", lambda _deployment: SimpleNamespace(rows=lambda _subject: stage.rows()))
    work = Reconciliation(deployment, "new", timedelta(hours=1))
    work.run(datetime.now(UTC) - timedelta(hours=1), lambda _: None)
    assert (len(work.findings), work.counts["missing"], work.forgotten) == (missing, missing, forgotten)
