"""How times and durations are written on the command line, and how long a line is."""

import io
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
import typer
from rich.tree import Tree
from typer.testing import CliRunner

from herald import cli
from herald.errors import CommandError
from herald.terminal import rendering
from herald.terminal.console import console, duration, moment, progress


def test_a_line_in_a_pipe_is_not_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a tree neither: what reads it takes a line for a record."""
    sentence = " ".join(["a reason of many words"] * 20)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    out = console()
    tree = Tree("subject")
    tree.add(sentence)
    out.print(tree)
    assert out.file.getvalue() == f"subject\n└── {sentence}\n"  # type: ignore[attr-defined] # it is that StringIO


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_a_narrow_terminal_breaks_no_subject_and_no_command(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    """The terminal wraps a long line itself, and a copied line has no line break in it."""
    shown = io.StringIO()
    shown.isatty = lambda: True  # type: ignore[method-assign] # a terminal of 40 columns
    monkeypatch.setattr("sys.stdout", shown)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", term)
    subject = "s3://herald-dev-outputs/reports/of a build/junit.xml"
    decision = {
        "function": "f",
        "decision": "dead",
        "reason": "the handler failed on every attempt",
        "attempt": 3,
        "redrives": 0,
        "duration_ms": 5,
        "correlation_id": "c",
        "replay": None,
        "cause": None,
        "effects": [],
        "effects_omitted": 0,
        "times": dict.fromkeys(("event", "started", "last_attempt", "settled", "lease_until", "next_attempt_by")),
        "what": {"type": "t", "version": None, "sequence": None, "size": None},
        "where": {"bucket": None, "region": None},
        "who": {},
        "why": {"description": None},
    }
    console().print(
        rendering.answer({"subject": subject, "decisions": [decision]}, rendering.View(flags=" --env prod"))
    )
    command = f"herald dlq show --function f --subject '{subject}' --env prod"
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown.getvalue()).splitlines()
    assert lines[0] == subject
    assert [line for line in lines if line.endswith(command)]


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_for_terminals_and_never_more_than_its_total(
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,  # noqa: FBT001 - a column
) -> None:
    """SQS counts about, and more may come meanwhile; in a pipe a bar is no record."""
    shown = io.StringIO()
    shown.isatty = lambda: terminal  # type: ignore[method-assign] # it is one or not
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    with progress("redriving", 2) as advance:
        advance(1)
        advance(3)
    assert ("4/4" in shown.getvalue()) is terminal
    assert terminal or shown.getvalue() == ""


@pytest.mark.parametrize(
    ("subject", "said"), [("s3://*/reports/*", True), ("s3://b/a*b", True), ("s3://b/*", False), ("customer/42", False)]
)
@pytest.mark.parametrize("command", [["dlq", "list"], ["dlq", "drop"], ["journal", "show"]])
def test_a_star_before_the_end_prints_a_notice(
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    subject: str,
    said: bool,  # noqa: FBT001 - a column
) -> None:
    """A key may contain a star, so the command continues; the notice says that this star is not a wildcard."""
    monkeypatch.setattr(
        "herald.deployment.deployment.Deployment.choose", Mock(side_effect=CommandError("no deployment"))
    )
    done = CliRunner().invoke(cli.app, [*command, "--subject", subject])
    assert ("only a * at the end is a wildcard" in done.stderr) is said


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), ("2h", 7_200), ("7d", 604_800)])
def test_a_duration_has_a_unit(text: str, seconds: int) -> None:
    """Seconds, minutes, hours and days."""
    assert duration(text) == timedelta(seconds=seconds)


def test_a_time_is_utc_where_it_says_nothing_else() -> None:
    """ISO 8601, with or without an offset; or so long ago."""
    assert moment("2026-11-24T08:00") == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert moment("2026-11-24T08:00+02:00") == datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert abs(datetime.now(UTC) - timedelta(hours=2) - moment("2h")) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("yesterday", "is not a time: write 2026-11-24T08:00"),
        ("2026-13-01", "is not a time"),
        ("", "is not a time"),
        ("999999d", "is before the year 1 or after 9999"),
        ("0001-01-01T00:00+14:00", "is before the year 1 or after 9999"),
        ("99999999999d", "is too long"),
    ],
)
def test_what_is_no_time_is_misuse(text: str, reason: str) -> None:
    """However large the number; the sentence says what would be right."""
    with pytest.raises(typer.BadParameter, match=reason):
        moment(text)


def test_help_does_not_wait_for_aws() -> None:
    """What every command imports has no boto3 in it, which takes as long as all of the rest."""
    told = "import sys, herald.cli; print(*{'boto3', 'aws_cdk', 'aws_lambda_powertools'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
