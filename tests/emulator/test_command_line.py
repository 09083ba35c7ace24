"""What people type, and what they see; JSON and exit codes for machines."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from herald import cli
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate import waiting, why
from herald.local import emulator
from infra.declarations.loader import ROOT
from infra.declarations.spec import Trigger
from tests.emulator.conftest import Aws
from tests.emulator.test_journey import GREEN, RED


def run(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cli.app, list(arguments))


def test_status_names_everything_an_operator_needs(aws: Aws) -> None:
    """Endpoint, buckets, bus, ledger, queues, topic, and the URLs of those that answer requests, as JSON."""
    status = json.loads(run("local", "status", "--json").stdout)
    assert status["endpoint"] == aws.deployment.endpoint
    assert status["buckets"].keys() == {"outputs", "artifacts", "journal"}
    queued = {name for name, spec in aws.deployment.specs.items() if spec.queued}
    assert status["queues"].keys() >= queued
    assert status["endpoints"].keys() == aws.deployment.specs.keys() - queued
    assert status["queues"]["notify"].keys() == {"queue", "dead_letters"}
    assert all(status[name] for name in ("bus", "ledger", "undelivered", "topics", "region"))


def test_sending_a_file_prints_the_subject_to_ask_for(aws: Aws, tmp_path: Path) -> None:  # noqa: ARG001 - deployed
    """`herald why` takes what `herald send` prints, and shows the chain as a tree."""
    file = tmp_path / "a [b] c.xml"
    file.write_bytes(RED)
    subject = run("send", str(file), "--to", "reports").stdout.strip()
    assert subject.endswith("/reports/a [b] c.xml")
    shown = run("why", subject, "--wait")
    assert shown.exit_code == 0
    words = " ".join(shown.stdout.split())
    assert "summarise_test_report processed" in words
    assert "notify processed" in words
    assert words.index("caused report.published") < words.index("notify processed")


def test_sending_a_sample_event_runs_who_wants_it(aws: Aws) -> None:  # noqa: ARG001 - deployed
    """The samples in events/ can be sent as they are; their placeholders become real names."""
    subject = run("send", "--event", str(ROOT / "events/report.published/red.json")).stdout.strip()
    decisions = json.loads(run("why", subject, "--wait", "--json").stdout)["decisions"]
    assert ("notify", "processed") in [(each["function"], each["decision"]) for each in decisions]


def test_what_ran_nothing_is_explained(aws: Aws) -> None:
    """For each function, the field of its pattern that the write does not meet."""
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
    """By what the journal has of it, which may be a moment later."""
    said = {
        "specversion": "1.0",
        "id": "1",
        "source": "here",
        "type": "nobody.cares",
        "subject": "nobody/42",
        "data": {},
    }
    event = {"Source": "here", "DetailType": "nobody.cares", "Detail": json.dumps(said)}
    aws.deployment.client("events").put_events(Entries=[event | {"EventBusName": aws.deployment.outputs["Bus"]}])
    assert emulator.wait_until(lambda: run("why", "nobody/42").exit_code == 0, 30)
    answer = json.loads(run("why", "nobody/42", "--json").stdout)
    assert answer["decisions"] == []
    reasons = {each["function"]: each["reason"] for each in answer["not_run"]}
    assert reasons["onboard_customer"] == "source: 'here' is not one of: 'crm', 'herald.receive_webhook'"
    assert reasons["replenish_stock"] == "detail-type: 'nobody.cares' is not 'stock.level_changed'"
    assert isinstance(run("why", "nobody/*").exception, CommandError)


def test_a_function_that_is_declared_and_not_deployed_is_told(aws: Aws) -> None:
    """Nothing is on its way to it."""
    subject = aws.put("scratch/y.xml", GREEN)
    deployment = Deployment.choose(environment="dev", profile=None, region=None)
    wanted = Trigger(samples=(), pattern={"source": ["aws.s3"]})
    deployment.specs["unborn"] = replace(deployment.specs["notify"], name="unborn", trigger=wanted)
    told = why.why(deployment, subject)["not_run"]
    assert {"function": "unborn", "reason": "its pattern matches, but it is not deployed"} in told


@contextmanager
def without_code(aws: Aws, name: str) -> Iterator[None]:
    """Let the import of a function fail, and mend it afterwards."""
    sqs, queue = aws.deployment.client("sqs"), aws.deployment.queues[name]["queue"]

    def handler(path: str) -> None:
        aws.deployment.client("lambda").update_function_configuration(
            FunctionName=aws.deployment.lambda_name(name), Handler=path
        )

    handler("functions.nowhere.handler.handle")
    try:
        yield
    finally:
        handler(f"functions.{name}.handler.handle")
        sqs.purge_queue(QueueUrl=queue)


@pytest.fixture
def broken(aws: Aws) -> Iterator[str]:
    """Return a function that cannot start."""
    with without_code(aws, "diff_inventory"):
        yield "diff_inventory"


def test_a_consumer_that_cannot_start_is_named_below_its_cause(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the error of its import; `--wait` says that it waits for it, and ends with the answer."""
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 3)
    with without_code(aws, "notify"):
        subject = aws.put("reports/unheard.xml", RED)
        aws.decisions(subject)
        log = Path(aws.deployment.log_of("notify"))
        assert emulator.wait_until(lambda: "error for herald-dev-notify" in log.read_text(encoding="utf-8"), 60)
        asked = run("why", subject, "--wait")
        assert asked.exit_code == 1
        assert "waiting for notify (its queue is not empty)\n" in asked.stderr
        assert str(asked.exception) == f"{subject}: after 3 s still waiting for notify (its queue is not empty)"
        below = asked.stdout.partition("caused report.published about ")[2]
        assert "notify has not run: its pattern matches, but no run has begun, and its queue holds 1 message: " in below
        assert "its code fails before it handles an event: No module named 'functions.nowhere'" in below


def test_a_function_that_fails_before_it_has_a_run_is_pointed_to(aws: Aws, broken: str) -> None:
    """What waits in its queue is told, and where the failure of its worker stands."""
    subject = aws.put("inventories/broken.json", b"{}")
    log = Path(aws.deployment.log_of(broken))
    assert emulator.wait_until(lambda: f"error for herald-dev-{broken}" in log.read_text(encoding="utf-8"), 30)
    told = json.loads(run("why", subject, "--json").stdout)["not_run"][0]
    assert told["function"] == broken
    assert told["reason"] == (
        "its pattern matches, but no run has begun, and its queue holds 1 message: its code fails before it handles an "
        f"event: No module named 'functions.nowhere' ({log})"
    )


@pytest.mark.parametrize("subject", ["customer/404", "s3://no-such-bucket/key", "s3://", "nonsense"])
def test_an_unknown_subject_is_said_to_be_unknown(aws: Aws, subject: str) -> None:  # noqa: ARG001 - deployed
    """Neither a decision nor an object: one sentence, exit 1."""
    asked = run("why", subject)
    assert asked.exit_code == 1
    assert isinstance(asked.exception, CommandError)
    assert str(asked.exception).startswith(f"nothing is known of {subject}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is not JSON"),
        ("[]", "holds no CloudEvent: specversion must be '1.0'"),
        ('{"specversion": "1.0", "source": "x", "data": {}}', "the CloudEvent has no type"),
        (
            '{"specversion": "1.0", "source": "x", "type": "y", "data": {"b": "${bucket.inputs}"}}',
            "${bucket.inputs} is unknown; there are bucket.artifacts",
        ),
        (
            '{"specversion": "1.0", "source": "x", "type": "report.published", "data": {}}',
            "report.published/1: data.tests is missing",
        ),
    ],
)
def test_an_event_file_that_is_none_is_refused(aws: Aws, tmp_path: Path, content: str, reason: str) -> None:  # noqa: ARG001 - deployed
    """The sentence names the file and the field."""
    file = tmp_path / "event.json"
    file.write_text(content, encoding="utf-8")
    sent = run("send", "--event", str(file))
    assert sent.exit_code == 1
    assert reason in str(sent.exception)
    assert str(file) in str(sent.exception)


@pytest.mark.parametrize(
    "arguments",
    [["send"], ["why", ""], ["send", "no-such-file", "--to", "x"], ["send", str(ROOT / "app.py")], ["what"]],
)
def test_misuse_exits_2(arguments: list[str]) -> None:
    """What is wrong with the words is told apart from what failed."""
    assert run(*arguments).exit_code == 2


def test_help_lists_the_commands() -> None:
    """Every command with its sentence."""
    shown = run("--help").stdout
    assert all(command in shown for command in ("local", "send", "why"))


def test_a_second_start_finds_the_first(aws: Aws) -> None:
    """One emulator a checkout: starting again returns the one that runs."""
    running = emulator.start()
    assert running.endpoint == aws.deployment.endpoint
