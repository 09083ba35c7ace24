"""Emulators that do not start, do not run, or belong to another process."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from herald import cli
from herald.errors import CommandError
from herald.local import emulator


def test_a_missing_emulator_names_the_command_that_installs_it(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make setup` installs the emulator."""
    monkeypatch.setattr(emulator, "PROGRAM", state / "none")
    with pytest.raises(CommandError, match="run `make setup`"):
        emulator.start()


def test_an_emulator_that_exits_at_start_names_its_log(
    state: Path, script: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command does not wait for the deadline when the process has exited."""
    monkeypatch.setattr(emulator, "PROGRAM", script("exit 3"))
    with pytest.raises(CommandError, match=f"the emulator did not start; see {state}/emulator.log"):
        emulator.start()


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps({"pid": 2**22 + 1, "started": 1.0, "endpoint": "x"})])
def test_a_stale_state_file_is_not_a_running_emulator(state: Path, content: str) -> None:
    """A crash or a reboot leaves the file behind."""
    (state / "emulator.json").write_text(content, encoding="utf-8")
    assert emulator.running() is None


def test_a_process_with_a_reused_pid_is_never_stopped(state: Path) -> None:
    """The start time shows that the process is not the emulator."""
    other = {"pid": os.getpid(), "started": 1.0, "endpoint": "x"}
    (state / "emulator.json").write_text(json.dumps(other), encoding="utf-8")
    assert emulator.stop() is False


@pytest.mark.usefixtures("state")
def test_two_commands_do_not_start_two_emulators() -> None:
    """The second command fails while the first is running."""
    with emulator.alone(), pytest.raises(CommandError, match="another `herald local up` or"), emulator.alone():
        pass


def test_an_error_message_does_not_control_the_terminal(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters in a name are escaped in the message."""
    monkeypatch.setattr(sys, "argv", ["herald", "why", "s3://b/\x1b[2J", "--profile", "no\x1b[2Jne"])
    monkeypatch.setenv("AWS_CONFIG_FILE", str(state / "none"))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "no\\x1b[2Jne" in capsys.readouterr().err
