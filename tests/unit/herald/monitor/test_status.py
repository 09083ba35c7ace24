"""`herald status` shows what needs attention first, and counts what failed in the last hour."""

import json
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from herald import cli
from herald.deployment import switch
from herald.deployment.deployment import Deployment
from herald.monitor import function_health
from infra.declarations.objectives.objectives import Objectives
from tests.unit.herald.investigate.installation import enqueue, now_ms, settled
from tests.unit.herald.page.failed_run import dead_letter

HOUR_MS = 3_600_000


def state(*options: str) -> tuple[int, str]:
    """Return the exit code and the answer of the command."""
    done = CliRunner().invoke(cli.app, ["status", *options])
    return done.exit_code, done.stdout


def of(function: str) -> dict[str, Any]:
    """Return the state of a function."""
    answer = json.loads(state("--json")[1])
    (found,) = [each for each in answer["functions"] if each["function"] == function]
    return dict(found)


def test_all_is_well(deployment: Deployment) -> None:
    """No function is marked, and --check succeeds."""
    assert deployment.queues
    code, text = state("--check")
    assert (code, "←" in text) == (0, False)
    assert "0 undelivered events" in text


def test_a_problem_comes_first(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """A paused function, and one with dead letters; --check fails."""
    monkeypatch.setattr(switch, "paused", lambda _deployment: ["warn"])
    enqueue(deployment, "warn")
    dead_letter(deployment)
    code, text = state("--check")
    first, second, *_ = text.splitlines()
    assert code == 1
    assert first.split() == ["book", "active", "0", "waiting,", "1", "dead", "letter", "←", "dead", "letters"]
    assert second.split() == ["warn", "paused", "1", "waiting,", "0", "dead", "letters", "←", "paused"]


def test_runs_of_the_last_hour_are_counted(deployment: Deployment) -> None:
    """Failed runs need attention; retried ones and those of earlier hours do not."""
    event: dict[str, Any] = {"id": "e1", "type": "invoice.totalled"}
    settled(deployment, "invoice/1", "book", event, decision="dead")
    settled(deployment, "invoice/2", "book", event | {"id": "e2"}, decision="retrying")
    settled(deployment, "invoice/3", "book", event | {"id": "e3"}, decision="dead", settled_at=now_ms() - 2 * HOUR_MS)
    found = of("book")
    assert (found["failed"], found["retrying"], found["attention"]) == (1, 1, ["failed in the last hour"])


@pytest.mark.parametrize(("age", "late"), [(299, False), (301, True)])
def test_a_broken_promise_needs_attention(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, age: int, *, late: bool
) -> None:
    """The oldest message is older than start_within."""
    spec = replace(deployment.specs["book"], objectives=Objectives(start_within="5m"))
    monkeypatch.setitem(deployment.__dict__, "specs", deployment.specs | {"book": spec})
    monkeypatch.setattr(function_health, "_ages", lambda _deployment: {"book": age})
    assert of("book")["attention"] == ["the oldest message is older than start_within"] * late


def test_an_undelivered_event_needs_attention(deployment: Deployment) -> None:
    """It belongs to no function."""
    deployment.client("sqs").send_message(QueueUrl=deployment.outputs["Undelivered"], MessageBody="{}")
    code, text = state("--check")
    assert code == 1
    assert text.splitlines()[-1] == "1 undelivered event  ← undelivered events"
