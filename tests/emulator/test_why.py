"""`herald why` explains why functions ran, and why others did not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate import waiting, why
from herald.local import emulator
from infra.declarations.spec import Trigger
from tests.emulator.support.commands import run
from tests.emulator.support.deployed import Aws
from tests.emulator.support.reports import GREEN, RED


def test_what_ran_nothing_is_explained(aws: Aws) -> None:
    """The reason for each function is the field of its pattern that the write does not match."""
    subject = aws.put("scratch/x.xml", GREEN)
    asked = run("why", subject, "--wait", "--json")
    assert asked.exit_code == 0
    answer = json.loads(asked.stdout)
    assert answer["decisions"] == []
    reasons = {each["function"]: each["reason"] for each in answer["not_run"]}
    assert "detail.object.key" in reasons["summarise_test_report"]
    assert "'scratch/x.xml'" in reasons["summarise_test_report"]
    assert "source: 'aws.s3'" in reasons["notify"]


def test_an_event_that_ran_nothing_is_explained(aws: Aws) -> None:
    """The event comes from the journal, which may have it a moment later."""
    sent = {
        "specversion": "1.0",
        "id": "1",
        "source": "here",
        "type": "nobody.cares",
        "subject": "nobody/42",
        "data": {},
    }
    event = {"Source": "here", "DetailType": "nobody.cares", "Detail": json.dumps(sent)}
    aws.deployment.client("events").put_events(Entries=[event | {"EventBusName": aws.deployment.outputs["Bus"]}])
    assert emulator.wait_until(lambda: run("why", "nobody/42").exit_code == 0, 30)
    answer = json.loads(run("why", "nobody/42", "--json").stdout)
    assert answer["decisions"] == []
    reasons = {each["function"]: each["reason"] for each in answer["not_run"]}
    assert reasons["onboard_customer"] == "source: 'here' is not one of: 'crm', 'herald.receive_webhook'"
    assert reasons["replenish_stock"] == "detail-type: 'nobody.cares' is not 'stock.level_changed'"
    assert isinstance(run("why", "nobody/*").exception, CommandError)


def test_a_function_that_is_not_deployed_is_named(aws: Aws) -> None:
    """The reason says that it is declared only."""
    subject = aws.put("scratch/y.xml", GREEN)
    deployment = Deployment.choose(environment="dev", profile=None, region=None)
    wanted = Trigger(samples=(), pattern={"source": ["aws.s3"]})
    deployment.specs["unborn"] = replace(deployment.specs["notify"], name="unborn", trigger=wanted)
    not_run = why.why(deployment, subject)["not_run"]
    reasons = {each["function"]: each["reason"] for each in not_run}
    assert reasons["unborn"] == "its pattern matches, but it is not deployed"


@contextmanager
def without_code(aws: Aws, name: str) -> Iterator[None]:
    """Make the import of a function fail, and restore the handler afterwards."""
    sqs, queue = aws.deployment.client("sqs"), aws.deployment.queues[name]["queue"]

    def handler(path: str) -> None:
        aws.deployment.client("lambda").update_function_configuration(
            FunctionName=functions.lambda_name(aws.deployment, name), Handler=path
        )

    handler("functions.nowhere.handler.handle")
    try:
        yield
    finally:
        handler(f"functions.{name}.handler.handle")
        sqs.purge_queue(QueueUrl=queue)


@pytest.fixture
def broken(aws: Aws) -> Iterator[str]:
    """Return a function with an import error."""
    with without_code(aws, "diff_inventory"):
        yield "diff_inventory"


def test_a_consumer_that_cannot_start_is_named_below_the_effect(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason has the import error; `--wait` names the function and its log, and ends with the answer."""
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 60)
    with without_code(aws, "notify"):
        subject = aws.put("reports/unheard.xml", RED)
        aws.decisions(subject)
        log = Path(functions.error_log(aws.deployment, "notify"))
        assert emulator.wait_until(lambda: "error for herald-dev-notify" in log.read_text(encoding="utf-8"), 60)
        asked = run("why", subject, "--wait")
        assert asked.exit_code == 1
        assert "waiting for notify (its queue is not empty)\n" in asked.stderr
        assert str(asked.exception) == (
            f"{subject}: notify cannot start: No module named 'functions.nowhere'; "
            f"see its log with `grep herald-dev-notify {log}`"
        )
        below = asked.stdout.partition("caused report.published about ")[2]
        assert "notify has not run: its pattern matches, but no run has begun, and its queue holds 1 message: " in below
        assert "its code fails before it handles an event: No module named 'functions.nowhere'" in below


def test_a_function_that_cannot_start_is_named_with_its_error(aws: Aws, broken: str) -> None:
    """The reason has the number of messages in its queue, the import error and the log."""
    subject = aws.put("inventories/broken.json", b"{}")
    log = Path(functions.error_log(aws.deployment, broken))
    assert emulator.wait_until(lambda: f"error for herald-dev-{broken}" in log.read_text(encoding="utf-8"), 30)
    not_run = json.loads(run("why", subject, "--json").stdout)["not_run"][0]
    assert not_run["function"] == broken
    assert not_run["reason"] == (
        "its pattern matches, but no run has begun, and its queue holds 1 message: its code fails before it handles an "
        f"event: No module named 'functions.nowhere' ({log})"
    )


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("subject", ["customer/404", "s3://no-such-bucket/key", "s3://", "nonsense"])
def test_an_unknown_subject_is_an_error(subject: str) -> None:
    """Without a decision, an object or an event the command prints one message and exits with 1."""
    asked = run("why", subject)
    assert asked.exit_code == 1
    assert isinstance(asked.exception, CommandError)
    assert str(asked.exception).startswith(f"nothing found for {subject}")
