"""Deploys that fail or hang, and emulators that are gone."""

import json
import os
import stat
import sys
from pathlib import Path

import psutil
import pytest

from herald import cli
from herald.errors import CommandError
from herald.local import emulator, local


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the emulator's state in a directory of the test."""
    monkeypatch.setattr(emulator, "STATE", tmp_path)
    return tmp_path


def script(path: Path, text: str) -> Path:
    """Write a program that stands in for the CDK."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_failing_deploy_ends_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last lines of the CDK say what failed."""
    monkeypatch.setattr(local, "CDK", script(tmp_path / "cdk", "echo 'stack is sick' >&2; exit 1"))
    with pytest.raises(CommandError, match=r"`cdk deploy` failed:\nstack is sick"):
        local.run_cdk("http://127.0.0.1:1", "deploy")


def test_a_failing_app_is_told_without_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CDK asks it for them; what is told escapes them, and nobody could read it."""
    failing = f"FORCE_COLOR=1 {sys.executable} -c 'raise RuntimeError(\"sick\")'"
    monkeypatch.setattr(local, "CDK", script(tmp_path / "cdk", failing))
    with pytest.raises(CommandError, match=r"(?m)^RuntimeError: sick$"):
        local.run_cdk("http://127.0.0.1:1", "deploy")


def test_a_hanging_deploy_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time limit nothing of it is left, not even a grandchild that keeps the output open."""
    pid_file = tmp_path / "pid"
    monkeypatch.setattr(local, "CDK", script(tmp_path / "cdk", f"sleep 600 & echo $! > {pid_file}; echo waiting; wait"))
    monkeypatch.setattr(local, "DEPLOY_SECONDS", 1)
    monkeypatch.setattr(local, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(emulator, "running", lambda: "it runs")
    with pytest.raises(CommandError, match="`cdk deploy` did not end in 1 s"):
        local.run_cdk("http://127.0.0.1:1", "deploy")
    assert not psutil.pid_exists(int(pid_file.read_text(encoding="utf-8")))


def test_a_deploy_does_not_outlive_the_local_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed beneath it, the CDK would try again for minutes."""
    monkeypatch.setattr(local, "CDK", script(tmp_path / "cdk", "sleep 600"))
    monkeypatch.setattr(local, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(emulator, "running", lambda: None)
    with pytest.raises(CommandError, match="lost the local AWS, which has ended: its log is "):
        local.run_cdk("http://127.0.0.1:1", "deploy")


def test_a_missing_cdk_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `make setup` there is none."""
    monkeypatch.setattr(local, "CDK", tmp_path / "none")
    with pytest.raises(CommandError, match="run `make setup`"):
        local.run_cdk("http://127.0.0.1:1", "deploy")


def test_a_missing_emulator_says_what_to_do(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above."""
    monkeypatch.setattr(emulator, "PROGRAM", state / "none")
    with pytest.raises(CommandError, match="run `make setup`"):
        emulator.start()


def test_an_emulator_that_cannot_start_says_where_its_log_is(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ended at once; nobody waits for the deadline."""
    monkeypatch.setattr(emulator, "PROGRAM", script(state / "ministack", "exit 3"))
    with pytest.raises(CommandError, match="its log is"):
        emulator.start()


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps({"pid": 2**22 + 1, "started": 1.0, "endpoint": "x"})])
def test_a_stale_state_is_no_emulator(state: Path, content: str) -> None:
    """A file left by a crash or a reboot names nothing that runs."""
    (state / "emulator.json").write_text(content, encoding="utf-8")
    assert emulator.running() is None


def test_a_pid_of_somebody_else_is_never_ended(state: Path) -> None:
    """The kernel gives a number again: a process that began at another time is not ours."""
    stranger = {"pid": os.getpid(), "started": 1.0, "endpoint": "x"}
    (state / "emulator.json").write_text(json.dumps(stranger), encoding="utf-8")
    assert emulator.stop() is False


def test_two_commands_do_not_start_two_emulators(state: Path) -> None:  # noqa: ARG001 - the state is the test's
    """The second is told that the first is at work."""
    with emulator.alone(), pytest.raises(CommandError, match="another `herald local up` or"), emulator.alone():
        pass


def test_an_error_cannot_write_on_the_terminal(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a name smuggles into a sentence is shown as what it is."""
    monkeypatch.setattr(sys, "argv", ["herald", "why", "s3://b/\x1b[2J", "--profile", "no\x1b[2Jne"])
    monkeypatch.setenv("AWS_CONFIG_FILE", str(state / "none"))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "no\\x1b[2Jne" in capsys.readouterr().err
