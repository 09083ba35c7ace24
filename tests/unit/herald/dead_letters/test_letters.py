"""Dead letters that come back while they are redriven, as they are shown, and before they are deleted."""

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
from herald.commands import dlq
from herald.dead_letters import letters
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


def attribute(**said: object) -> dict[str, Any]:
    """Return what a message says of itself, as its one attribute."""
    return {ATTRIBUTE: {"DataType": "String", "StringValue": json.dumps(said)}}


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Return a deployment of one function, whose messages come back at once as dead letters."""
    monkeypatch.setattr(queues, "WAIT_SECONDS", 0)  # moto hands out all that it has
    with mock_aws():
        sqs = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 - moto's
        urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("queue", "dead_letters", "undelivered")}
        known = {"f": {name: urls[name] for name in ("queue", "dead_letters")}}
        session: Any = None
        made = Deployment(session, "dev", _clients={"sqs": sqs})
        made.__dict__.update(specs={"f": SPEC}, all_queues=known, outputs={"Undelivered": urls["undelivered"]})

        def fail_again(client: Any, _url: str, messages: list[Any]) -> list[int]:  # noqa: ANN401 - boto3's
            for each in messages:
                said = json.loads(each["MessageAttributes"][ATTRIBUTE]["StringValue"])
                each["MessageAttributes"] = attribute(**said | {"last_at": said.get("last_at", 0) + 1})
            return queues.post(client, urls["dead_letters"], messages)

        monkeypatch.setattr(letters, "post", fail_again)
        yield made


def test_what_comes_back_while_it_is_redriven_is_counted_once(deployment: Deployment) -> None:
    """It is sent once, stays for the next time, and progress says how many letters there are, not how often."""
    bodies = [{"MessageBody": body, "MessageAttributes": attribute(generation=0)} for body in ("a", "b")]
    queues.post(deployment.client("sqs"), deployment.all_queues["f"]["dead_letters"], bodies)
    told: list[int] = []
    moved = letters.redrive(deployment, letters.Filter(), force=False, pace=Pace(None), progress=told.append)
    assert (moved.moved, sum(told)) == (2, 2)
    assert letters.total(deployment, letters.Filter()) == 2


@pytest.mark.parametrize("ours", [True, False], ids=["buried", "received too often"])
def test_letters_of_different_replays_are_redriven_each(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, *, ours: bool
) -> None:
    """One event of two replays is two letters, in whatever batches they come, and each keeps what it carried."""
    monkeypatch.setattr(queues, "PER_CALL", 1)  # each comes in a batch of its own
    told = dict.fromkeys(("reason", "error", "function", "correlation_id"), "x") | dict.fromkeys(COUNTS, 1)
    sent = [attribute(**(told if ours else {}), **replay) for replay in REPLAYS]
    url = deployment.all_queues["f"]["dead_letters"]
    queues.post(deployment.client("sqs"), url, [{"MessageBody": "a", "MessageAttributes": each} for each in sent])
    moved = letters.redrive(deployment, letters.Filter(), force=False, pace=Pace(None), progress=lambda _: None)
    assert moved.moved == len(REPLAYS)
    left = [
        json.loads(each.attributes[ATTRIBUTE]["StringValue"]) for each in letters.read(deployment, letters.Filter())
    ]
    kept = [{name: said[name] for name in ("replay", "anew") if name in said} for said in left]
    assert sorted(map(str, kept)) == sorted(map(str, REPLAYS))


def bury(deployment: Deployment) -> None:
    """Put one letter of our hand into the dead-letter queue."""
    told = {"decision": "dead", "reason": "it's \x1b[2J broken", "error": "ValueError", "subject": "customer/ü"}
    said = attribute(**told, **dict.fromkeys(COUNTS, 1), function="f", correlation_id=None)
    url = deployment.all_queues["f"]["dead_letters"]
    queues.post(deployment.client("sqs"), url, [{"MessageBody": "a", "MessageAttributes": said}])


def test_a_letter_is_shown_line_by_line(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name and its value; what it says of itself is JSON, with nothing that moves a cursor."""
    bury(deployment)
    monkeypatch.setattr(dlq, "choose", lambda *_: deployment)
    shown = CliRunner().invoke(dlq.dlq, ["show"])
    lines = dict(line.split(maxsplit=1) for line in shown.stdout.splitlines()[1:])
    assert (lines["error"], lines["subject"]) == ("ValueError", "customer/ü")
    said = json.loads(lines["said"])
    assert (said["reason"], said["subject"]) == ("it's \x1b[2J broken", "customer/ü")
    assert "\x1b" not in shown.stdout
    assert shown.stderr == "1 letter\n"


def test_nobody_is_asked_where_nobody_can_answer(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is misuse, the sentence names the option, and nothing is deleted; a person is asked."""
    bury(deployment)
    monkeypatch.setattr(dlq, "choose", lambda *_: deployment)
    refused = CliRunner().invoke(dlq.dlq, ["drop"])
    assert refused.exit_code == 2
    assert "there is no terminal to ask at: say --yes" in " ".join(refused.stderr.split())
    assert letters.total(deployment, letters.Filter()) == 1
    monkeypatch.setattr("typer.confirm", Mock(side_effect=typer.Abort))
    monkeypatch.setattr(dlq, "sys", Mock(stdin=Mock(isatty=lambda: True)))
    assert CliRunner().invoke(dlq.dlq, ["drop"]).exit_code == 1
    assert letters.total(deployment, letters.Filter()) == 1
    assert CliRunner().invoke(dlq.dlq, ["drop", "--yes"]).stdout == "1 letter was deleted.\n"


def typed(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, *options: str) -> tuple[int, str, str]:
    """Redrive on the command line; return the exit code, stdout and stderr."""
    monkeypatch.setattr(dlq, "choose", lambda *_: deployment)
    result = CliRunner().invoke(dlq.dlq, ["redrive", *options])
    return result.exit_code, result.stdout, result.stderr


def buried(deployment: Deployment) -> int:
    """Return how many dead letters lie there."""
    return queues.count(deployment.client("sqs"), deployment.all_queues["f"]["dead_letters"])


@pytest.fixture
def two_letters(deployment: Deployment) -> Deployment:
    """Return the deployment with two dead letters, which do not come back."""
    bodies = [{"MessageBody": each, "MessageAttributes": attribute(generation=0)} for each in "ab"]
    queues.post(deployment.client("sqs"), deployment.all_queues["f"]["dead_letters"], bodies)
    return deployment


def test_everything_is_redriven_after_a_plan_and_a_yes(
    two_letters: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a filter the letters are listed by function and error, and stay where nobody can answer."""
    monkeypatch.setattr(letters, "post", queues.post)
    code, out, err = typed(two_letters, monkeypatch)
    assert (code, out) == (2, "2 letters would be redriven, 0 refused.\n")
    assert err.startswith("f  MaxReceives  2 letters\n")
    assert "say --yes" in err
    assert buried(two_letters) == 2
    assert typed(two_letters, monkeypatch, "--yes")[:2] == (0, "2 letters were redriven.\n")
    assert buried(two_letters) == 0


@pytest.mark.parametrize(("answer", "left"), [(True, 0), (False, 2)])
def test_a_person_is_asked_before_everything_is_redriven(
    two_letters: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    answer: bool,  # noqa: FBT001 - a column
    left: int,
) -> None:
    """With the number of letters."""
    monkeypatch.setattr(letters, "post", queues.post)

    def confirm(question: str, **_: bool) -> None:
        assert question == "Redrive 2 letters of all functions?"
        if not answer:
            raise typer.Abort

    monkeypatch.setattr(dlq, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr("typer.confirm", confirm)
    assert typed(two_letters, monkeypatch)[0] == (0 if answer else 1)
    assert buried(two_letters) == left


@pytest.mark.parametrize("options", [("--function", "f"), ("--error", "MaxReceives"), ("--older-than", "0s")])
def test_what_is_asked_for_is_redriven_at_once(
    two_letters: Deployment, monkeypatch: pytest.MonkeyPatch, options: tuple[str, str]
) -> None:
    """A filter says which letters are meant."""
    monkeypatch.setattr(letters, "post", queues.post)
    assert typed(two_letters, monkeypatch, *options)[:2] == (0, "2 letters were redriven.\n")


def test_without_letters_nobody_is_asked(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to say yes to."""
    code, out, _ = typed(deployment, monkeypatch)
    assert (code, out.splitlines()[-1]) == (0, "0 letters were redriven.")
