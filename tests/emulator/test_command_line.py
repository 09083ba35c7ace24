"""`herald` commands and their output on the local AWS, with exit codes and JSON for machines."""

import json
from pathlib import Path

import pytest

from herald.local import emulator
from infra.declarations.loader import ROOT
from tests.emulator.support.commands import run
from tests.emulator.support.deployed import Aws
from tests.emulator.support.reports import RED


def test_status_names_everything_an_operator_needs(aws: Aws) -> None:
    """Endpoint, buckets, bus, ledger, queues, topic, and the URLs of functions that handle HTTP requests, as JSON."""
    status = json.loads(run("local", "status", "--json").stdout)
    assert status["endpoint"] == aws.deployment.endpoint
    assert status["buckets"].keys() == {"outputs", "artifacts", "journal"}
    queued = {name for name, spec in aws.deployment.specs.items() if spec.queued}
    assert status["queues"].keys() >= queued
    assert status["endpoints"].keys() == aws.deployment.specs.keys() - queued
    assert status["queues"]["notify"].keys() == {"queue", "dead_letters"}
    assert all(status[name] for name in ("bus", "ledger", "undelivered", "topics", "region"))


@pytest.mark.usefixtures("aws")
def test_sending_a_file_prints_its_subject(tmp_path: Path) -> None:
    """`herald why` accepts the printed subject, and shows the chain of runs as a tree."""
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


@pytest.mark.usefixtures("aws")
def test_sending_a_sample_event_runs_its_consumer() -> None:
    """The command replaces the placeholders of the samples in events/ with physical names."""
    subject = run("send", "--event", str(ROOT / "events/report.published/red.json")).stdout.strip()
    decisions = json.loads(run("why", subject, "--wait", "--json").stdout)["decisions"]
    assert ("notify", "processed") in [(each["function"], each["decision"]) for each in decisions]


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
@pytest.mark.usefixtures("aws")
def test_an_invalid_event_file_is_an_error(tmp_path: Path, content: str, reason: str) -> None:
    """The message names the file and the field."""
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
    """Wrong arguments have another exit code than failures."""
    assert run(*arguments).exit_code == 2


def test_help_lists_the_commands() -> None:
    """Each command is listed."""
    shown = run("--help").stdout
    assert all(command in shown for command in ("local", "send", "why"))


def test_a_second_start_returns_the_running_emulator(aws: Aws) -> None:
    """Each checkout has one emulator."""
    running = emulator.start()
    assert running.endpoint == aws.deployment.endpoint
