"""Runs `herald` commands in this process."""

import json
from typing import Any

from typer.testing import CliRunner, Result

from herald import cli


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli.app, list(arguments))


def answer(*arguments: str) -> dict[str, Any]:
    """Run a command with --json; return its answer, and expect exit code 0."""
    asked = run(*arguments, "--json")
    assert asked.exit_code == 0, (asked.output, asked.exception)
    found: dict[str, Any] = json.loads(asked.stdout)
    return found
