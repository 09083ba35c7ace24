"""CDK commands that fail, hang, or lose the emulator."""

import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from herald.errors import CommandError
from herald.local import cdk, emulator

type Script = Callable[[str], Path]


def test_a_failing_deployment_shows_the_error(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message ends with the last lines of the CDK's output."""
    monkeypatch.setattr(cdk, "CDK", script("echo 'stack is sick' >&2; exit 1"))
    with pytest.raises(CommandError, match=r"`cdk deploy` failed:\nstack is sick"):
        cdk.run("http://127.0.0.1:1", "deploy")


def test_the_error_of_the_app_has_no_color_codes(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CDK sets FORCE_COLOR for the app; an error message would show the color codes as text."""
    failing = f"FORCE_COLOR=1 {sys.executable} -c 'raise RuntimeError(\"sick\")'"
    monkeypatch.setattr(cdk, "CDK", script(failing))
    with pytest.raises(CommandError, match=r"(?m)^RuntimeError: sick$"):
        cdk.run("http://127.0.0.1:1", "deploy")


def test_a_hanging_deployment_ends_with_all_its_processes(
    tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time limit no process is left, not even a descendant that keeps the output open."""
    pid_file = tmp_path / "pid"
    monkeypatch.setattr(cdk, "CDK", script(f"sleep 600 & echo $! > {pid_file}; echo waiting; wait"))
    monkeypatch.setattr(cdk, "DEPLOY_SECONDS", 1)
    monkeypatch.setattr(cdk, "CHECK_SECONDS", 0.1)
    monkeypatch.setattr(emulator, "running", lambda: "it runs")
    with pytest.raises(CommandError, match="`cdk deploy` did not finish within 1 s"):
        cdk.run("http://127.0.0.1:1", "deploy")
    assert not psutil.pid_exists(int(pid_file.read_text(encoding="utf-8")))


def test_a_deployment_ends_when_the_local_aws_stops(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the emulator the CDK would retry for minutes."""
    monkeypatch.setattr(cdk, "CDK", script("sleep 600"))
    monkeypatch.setattr(cdk, "CHECK_SECONDS", 0.1)
    monkeypatch.setattr(emulator, "running", lambda: None)
    with pytest.raises(CommandError, match="failed because the local AWS stopped; see "):
        cdk.run("http://127.0.0.1:1", "deploy")


def test_a_missing_cdk_names_the_command_that_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make setup` installs the CDK."""
    monkeypatch.setattr(cdk, "CDK", tmp_path / "none")
    with pytest.raises(CommandError, match="run `make setup`"):
        cdk.run("http://127.0.0.1:1", "deploy")
