"""`herald dlq` redrives, shows and deletes dead letters."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import Mock

import boto3
import pytest
import typer
from moto import mock_aws
from typer.testing import CliRunner

from functions.runtime.batch.carried import ATTRIBUTE
from herald.commands import dlq, dlq_redrive
from herald.dead_letters import listing, redrive
from herald.deployment import queues
from herald.deployment.deployment import Deployment
from herald.deployment.queues import Pace
from infra.declarations.spec import FunctionSpec, Trigger

COUNTS: Final = ("attempts", "generation", "first_at", "last_at")
REPLAYS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"replay": "one"},
    {"replay": "one", "anew": True},
    {"replay": "two"},
)
SPEC: Final = FunctionSpec(name="f", description="d", owner="o", trigger=Trigger(samples=("s",)))


def attribute(**facts: object) -> dict[str, Any]:
    """Return the message attribute of a dead letter."""
    return {ATTRIBUTE: {"DataType": "String", "StringValue": json.dumps(facts)}}


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Return a deployment with one function; each redriven message returns to the dead-letter queue at once."""
    monkeypatch.setattr(queues, "WAIT_SECONDS", 0)  # moto returns all messages at once
    with mock_aws():
        sqs = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 - moto's
        urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("queue", "dead_letters", "undelivered")}
        known = {"f": {name: urls[name] for name in ("queue", "dead_letters")}}
        session: Any = None
        made = Deployment(session, "dev", _clients={"sqs": sqs})
        made.__dict__.update(specs={"f": SPEC}, all_queues=known, outputs={"Undelivered": urls["undelivered"]})

        def fail_again(client: Any, _url: str, messages: list[Any]) -> list[int]:  # noqa: ANN401 - boto3's
            for each in messages:
                facts = json.loads(each["MessageAttributes"][ATTRIBUTE]["StringValue"])
                each["MessageAttributes"] = attribute(**facts | {"last_at": facts.get("last_at", 0) + 1})
            return queues.post(client, urls["dead_letters"], messages)

        monkeypatch.setattr(redrive, "post", fail_again)
        yield made


def test_a_message_that_fails_again_during_a_redrive_is_sent_once(deployment: Deployment) -> None:
    """It stays for the next redrive, and progress counts it once."""
    bodies = [{"MessageBody": body, "MessageAttributes": attribute(generation=0)} for body in ("a", "b")]
    queues.post(deployment.client("sqs"), deployment.all_queues["f"]["dead_letters"], bodies)
    steps: list[int] = []
    moved = redrive.redrive(deployment, listing.Filter(), force=False, pace=Pace(None), progress=steps.append)
    assert (moved.moved, sum(steps)) == (2, 2)
    assert listing.total(deployment, listing.Filter()) == 2


@pytest.mark.parametrize("ours", [True, False], ids=["by the function", "by SQS"])
def test_dead_letters_of_different_replays_are_all_redriven(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, *, ours: bool
) -> None:
    """The same event in two replays makes two dead letters, in any batches; each keeps the name of its replay."""
    monkeypatch.setattr(queues, "PER_CALL", 1)  # each message is in a batch of its own
    facts = dict.fromkeys(("reason", "error", "function", "correlation_id"), "x") | dict.fromkeys(COUNTS, 1)
    sent = [attribute(**(facts if ours else {}), **replay) for replay in REPLAYS]
    url = deployment.all_queues["f"]["dead_letters"]
    queues.post(deployment.client("sqs"), url, [{"MessageBody": "a", "MessageAttributes": each} for each in sent])
    moved = redrive.redrive(deployment, listing.Filter(), force=False, pace=Pace(None), progress=lambda _: None)
    assert moved.moved == len(REPLAYS)
    left = [
        json.loads(each.attributes[ATTRIBUTE]["StringValue"]) for each in listing.read(deployment, listing.Filter())
    ]
    kept = [{name: each[name] for name in ("replay", "anew") if name in each} for each in left]
    assert sorted(map(str, kept)) == sorted(map(str, REPLAYS))


def dead_letter(deployment: Deployment) -> None:
    """Put one message into the dead-letter queue, as the function does."""
    facts = {"decision": "dead", "reason": "it's \x1b[2J broken", "error": "ValueError", "subject": "customer/ü"}
    attributes = attribute(**facts, **dict.fromkeys(COUNTS, 1), function="f", correlation_id=None)
    url = deployment.all_queues["f"]["dead_letters"]
    queues.post(deployment.client("sqs"), url, [{"MessageBody": "a", "MessageAttributes": attributes}])


def test_a_dead_letter_is_shown_line_by_line(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line has a name and a value; the details are JSON, with control characters escaped."""
    dead_letter(deployment)
    monkeypatch.setattr(dlq, "choose", lambda *_: deployment)
    shown = CliRunner().invoke(dlq.dlq, ["show"])
    lines = dict(line.split(maxsplit=1) for line in shown.stdout.splitlines()[1:])
    assert (lines["error"], lines["subject"]) == ("ValueError", "customer/ü")
    details = json.loads(lines["details"])
    assert (details["reason"], details["subject"]) == ("it's \x1b[2J broken", "customer/ü")
    assert lines["log"] == "herald logs f --run 'customer/ü' --since 14d"
    assert "\x1b" not in shown.stdout
    assert "body" not in lines
    assert shown.stderr == "1 dead letter\n"


def test_the_body_is_shown_on_demand(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be long, and may have what only few people should read."""
    dead_letter(deployment)
    monkeypatch.setattr(dlq, "choose", lambda *_: deployment)
    lines = CliRunner().invoke(dlq.dlq, ["show", "--body"]).stdout.splitlines()
    assert lines[-1].split(maxsplit=1) == ["body", "a"]


def test_without_a_terminal_deletion_needs_yes(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is 2 and nothing is deleted; at a terminal the command asks for confirmation."""
    dead_letter(deployment)
    monkeypatch.setattr(dlq_redrive, "choose", lambda *_: deployment)
    refused = CliRunner().invoke(dlq.dlq, ["drop"])
    assert refused.exit_code == 2
    assert "there is no terminal to confirm at: use --yes" in " ".join(refused.stderr.split())
    assert listing.total(deployment, listing.Filter()) == 1
    monkeypatch.setattr("typer.confirm", Mock(side_effect=typer.Abort))
    monkeypatch.setattr(dlq_redrive, "sys", Mock(stdin=Mock(isatty=lambda: True)))
    assert CliRunner().invoke(dlq.dlq, ["drop"]).exit_code == 1
    assert listing.total(deployment, listing.Filter()) == 1
    assert CliRunner().invoke(dlq.dlq, ["drop", "--yes"]).stdout == "1 dead letter deleted.\n"


def redriven(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, *options: str) -> tuple[int, str, str]:
    """Run `herald dlq redrive`; return the exit code, stdout and stderr."""
    monkeypatch.setattr(dlq_redrive, "choose", lambda *_: deployment)
    result = CliRunner().invoke(dlq.dlq, ["redrive", *options])
    return result.exit_code, result.stdout, result.stderr


def left(deployment: Deployment) -> int:
    """Return how many messages the dead-letter queue holds."""
    return queues.count(deployment.client("sqs"), deployment.all_queues["f"]["dead_letters"])


@pytest.fixture
def two_dead_letters(deployment: Deployment) -> Deployment:
    """Return the deployment with two dead letters."""
    bodies = [{"MessageBody": each, "MessageAttributes": attribute(generation=0)} for each in "ab"]
    queues.post(deployment.client("sqs"), deployment.all_queues["f"]["dead_letters"], bodies)
    return deployment


def test_a_redrive_without_a_filter_shows_a_plan_and_needs_yes(
    two_dead_letters: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan counts dead letters by function and error; without a terminal they stay."""
    monkeypatch.setattr(redrive, "post", queues.post)
    code, out, err = redriven(two_dead_letters, monkeypatch)
    assert (code, out) == (2, "2 dead letters would be redriven, 0 refused.\n")
    assert err.startswith("f  MaxReceives  2 dead letters\n")
    assert "use --yes" in err
    assert left(two_dead_letters) == 2
    assert redriven(two_dead_letters, monkeypatch, "--yes")[:2] == (0, "2 dead letters redriven.\n")
    assert left(two_dead_letters) == 0


@pytest.mark.parametrize(("answer", "count"), [(True, 0), (False, 2)])
def test_a_redrive_without_a_filter_asks_for_confirmation(
    two_dead_letters: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    answer: bool,  # noqa: FBT001 - a column
    count: int,
) -> None:
    """The question has the number of dead letters."""
    monkeypatch.setattr(redrive, "post", queues.post)

    def confirm(question: str, **_: bool) -> None:
        assert question == "Redrive 2 dead letters of all functions?"
        if not answer:
            raise typer.Abort

    monkeypatch.setattr(dlq_redrive, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr("typer.confirm", confirm)
    assert redriven(two_dead_letters, monkeypatch)[0] == (0 if answer else 1)
    assert left(two_dead_letters) == count


@pytest.mark.parametrize("options", [("--function", "f"), ("--error", "MaxReceives"), ("--older-than", "0s")])
def test_a_redrive_with_a_filter_needs_no_confirmation(
    two_dead_letters: Deployment, monkeypatch: pytest.MonkeyPatch, options: tuple[str, str]
) -> None:
    """Any filter suffices."""
    monkeypatch.setattr(redrive, "post", queues.post)
    assert redriven(two_dead_letters, monkeypatch, *options)[:2] == (0, "2 dead letters redriven.\n")


def test_a_redrive_without_dead_letters_needs_no_confirmation(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reports that it moved none."""
    code, out, _ = redriven(deployment, monkeypatch)
    assert (code, out.splitlines()[-1]) == (0, "0 dead letters redriven.")
