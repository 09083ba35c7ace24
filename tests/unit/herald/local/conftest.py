"""Fixtures of the tests of herald/local."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from herald.local import emulator


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the emulator's state in a temporary directory."""
    monkeypatch.setattr(emulator, "STATE", tmp_path)
    return tmp_path


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a shell script in place of the CDK or the emulator."""

    def write(text: str) -> Path:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return write
