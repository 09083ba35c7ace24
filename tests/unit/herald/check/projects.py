"""Parts of a repository with one function and one contract."""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

TOML: Final = """
description = "d"
owner = "o"
trigger.samples = ["thing.made/one"]
trigger.pattern.detail-type = ["thing.made"]
[access]
emit = ["thing.told"]
"""

HANDLER: Final = 'def handle(event, run):\n    run.emit("thing.told", {}, subject=event.subject)\n'

SCHEMA: Final[dict[str, Any]] = {
    "description": "A thing was made.",
    "type": "object",
    "required": ["count"],
    "properties": {"count": {"type": "integer"}},
}


def event(**data: object) -> dict[str, Any]:
    """Return a `thing.made` as the bus brings it."""
    detail = {"specversion": "1.0", "id": "1", "source": "shop", "type": "thing.made", "time": "t", "data": data}
    return {"source": "shop", "detail-type": "thing.made", "id": "e", "time": "t", "detail": detail}


def commit(root: Path, message: str) -> None:
    """Commit what is staged; of two of one second that are alike, the message makes two."""
    git(root, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", message)


def git(root: Path, *arguments: str) -> None:
    """Run git in a repository of the test."""
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)  # noqa: S607 - the machine's git


def write(root: Path, file: str, content: str | dict[str, Any]) -> None:
    """Write a file of the repository, from text or from JSON."""
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
