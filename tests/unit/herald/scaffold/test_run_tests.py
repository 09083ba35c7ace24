"""`herald test NAME` runs the tests that give feedback within seconds; `make test` runs all."""

import subprocess
from typing import Final

import pytest

from herald.scaffold import run_tests
from infra.declarations.loader import ROOT

FUZZ: Final = "test_no_request_breaks_in_or_breaks_anything"


def collected(*arguments: str) -> str:
    """Return the names of the tests that pytest selects."""
    command = [*arguments, "--collect-only", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_long_tests_are_left_to_make_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command selects the other tests of the function; without its options pytest selects both."""
    commands: list[list[str]] = []

    def record(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "run", record)
        assert run_tests.run("receive_webhook") == 0
    (command,) = commands
    quick = collected(*command)
    assert "tests/unit/receive_webhook/test_handler.py" in quick
    assert FUZZ not in quick
    assert FUZZ in collected(*command[:3], "tests/unit/receive_webhook")
