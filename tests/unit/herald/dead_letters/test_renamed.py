"""The dead letters and unprocessed messages in the queues of a renamed function, as `herald dlq` handles them."""

import json
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from herald.commands import dlq, dlq_redrive
from herald.dead_letters import listing, redrive
from herald.deployment import queues
from herald.deployment.deployment import Deployment
from herald.deployment.queues import Pace
from tests.unit.herald.dead_letters.renamed import DEAD_LETTER


def bodies(deployment: Deployment, function: str, kind: str = "queue") -> set[str]:
    """Receive the messages of a queue and return their bodies."""
    url = deployment.all_queues[function][kind]
    reply = deployment.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return {each["Body"] for each in reply.get("Messages", [])}


def test_messages_of_a_former_name_belong_to_the_renamed_function(renamed: Deployment) -> None:
    """A dead letter, an unprocessed message and an undelivered event each name their queue and the reason."""
    groups = listing.groups(listing.read(renamed, listing.Filter(function="new")))
    reasons = {(each["function"], each["queue"], each["error"]): each["reason"] for each in groups}
    assert reasons.keys() == {
        ("new", "old", "rejected"),
        ("new", "old", "Renamed"),
        ("new", "undelivered", "Undelivered"),
    }
    assert reasons["new", "old", "Renamed"] == "it was in a queue of old when the function was renamed"


@pytest.mark.parametrize("name", ["first", "old", "new"])
def test_they_are_redriven_to_the_renamed_function(
    renamed: Deployment, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command accepts each of its names; messages of another function stay."""
    monkeypatch.setattr(dlq_redrive, "choose", lambda *_: renamed)
    result = CliRunner().invoke(dlq.dlq, ["redrive", "--function", name])
    assert (result.exit_code, result.stdout) == (0, "3 dead letters redriven.\n"), result.output
    assert bodies(renamed, "new") == {"dead", "waiting", "undelivered"}
    assert bodies(renamed, "old") == bodies(renamed, "old", "dead_letters") == set()
    assert bodies(renamed, "other", "dead_letters") == {"of another function"}


def test_until_the_rename_is_deployed_the_old_queue_is_in_use(
    renamed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dead letters are found and stay, because the new queue does not exist; queued messages are not dead letters."""
    del renamed.all_queues["new"]
    monkeypatch.setattr(dlq, "choose", lambda *_: renamed)
    listed = CliRunner().invoke(dlq.dlq, ["list", "--function", "old", "--json"])
    counts = [group["count"] for group in json.loads(listed.stdout)["groups"]]
    assert counts == [1, 1], "a dead letter and an undelivered event"
    moved = redrive.redrive(renamed, listing.Filter(), force=False, pace=Pace(None), progress=lambda _: None)
    assert (moved.moved, moved.failed) == (0, 3)
    assert bodies(renamed, "old") == {"waiting"}
    redrive.drop(renamed, listing.Filter(), lambda _: None)
    empty = CliRunner().invoke(dlq.dlq, ["list", "--function", "old"])
    assert (empty.exit_code, empty.stdout) == (0, "No dead letters found.\n")


def test_only_confirmed_dead_letters_are_deleted(renamed: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead letter that arrives during the confirmation is kept, and so is an unprocessed message in the old queue."""
    sqs, urls = renamed.client("sqs"), renamed.all_queues["old"]

    def confirm(question: str, **_: bool) -> None:
        assert question == "Delete 2 dead letters permanently?"
        queues.post(sqs, urls["dead_letters"], [{"MessageBody": "late", "MessageAttributes": DEAD_LETTER}])

    monkeypatch.setattr(dlq_redrive, "choose", lambda *_: renamed)
    monkeypatch.setattr(dlq_redrive, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr("typer.confirm", confirm)
    dropped = CliRunner().invoke(dlq.dlq, ["drop", "--function", "old"])
    assert dropped.stdout == "2 dead letters deleted.\n", dropped.output
    assert bodies(renamed, "old") == {"waiting"}
    assert bodies(renamed, "old", "dead_letters") == {"late"}


def test_the_dead_letters_of_a_deleted_function_stay(renamed: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prod retains its queue, but no function receives from it: SQS would delete redriven messages unprocessed."""
    monkeypatch.setattr(dlq_redrive, "choose", lambda *_: renamed)
    planned = CliRunner().invoke(dlq.dlq, ["redrive", "--function", "other", "--dry-run"])
    assert planned.stdout == "0 dead letters would be redriven, 1 refused.\n"
    wanted = listing.Filter(function="other")
    moved = redrive.redrive(renamed, wanted, force=False, pace=Pace(None), progress=lambda _: None)
    assert (moved.moved, moved.failed) == (0, 1)
    assert bodies(renamed, "other") == set()
    assert bodies(renamed, "other", "dead_letters") == {"of another function"}
