"""What stands in folders and in files of its own: functions and samples."""

import json
from pathlib import Path
from typing import Any

from infra.declarations.spec import SpecError


class FileError(SpecError):
    """A fault within a file that a declaration names; the message begins with that file."""


def is_left(folder: Path) -> bool:
    """Judge whether a folder holds bytecode alone, which git leaves where a branch has no such folder any more."""
    found = list(folder.rglob("*"))
    return bool(found) and all(path.is_dir() or "__pycache__" in path.parts for path in found)


def json_object(path: Path, name: str) -> dict[str, Any]:
    """Return the JSON object in a file; SpecError when there is none, FileError when it holds none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(f"there is no {name}") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{name} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise FileError(f"{name} is not a JSON object")
    return found
