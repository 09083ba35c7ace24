"""A repository with one function and one contract."""

from pathlib import Path

import pytest

from functions.runtime.run import contracts as held
from tests.unit.herald.check.projects import HANDLER, SCHEMA, TOML, commit, event, git, write


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository in which all agree, and commit it."""
    write(tmp_path, "functions/tell/function.toml", TOML)
    write(tmp_path, "functions/tell/handler.py", HANDLER)
    write(tmp_path, "events/thing.made/1.schema.json", SCHEMA)
    write(tmp_path, "events/thing.told/1.schema.json", SCHEMA | {"required": []})
    write(tmp_path, "events/thing.made/one.json", event(count=1))
    invalid = {"reason": "thing.made/1: data.count is missing", "event": event()}
    write(tmp_path, "events/thing.made/invalid/none.json", invalid)
    monkeypatch.setattr(held, "EVENTS", tmp_path / "events")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    commit(tmp_path, "first")
    return tmp_path
