"""Reads the files and folders that declarations name."""

import json
from pathlib import Path
from typing import Any

from infra.declarations.field_rules import SpecError


class FileError(SpecError):
    """A fault in a file that a declaration names; the message begins with the name of that file."""


def is_left(folder: Path) -> bool:
    """Return whether a folder contains only bytecode, which git leaves behind when it removes the folder's files."""
    found = list(folder.rglob("*"))
    return bool(found) and all(path.is_dir() or "__pycache__" in path.parts for path in found)


def json_object(path: Path, name: str) -> dict[str, Any]:
    """Return the JSON object in a file; raise SpecError if the file is missing, FileError for other content."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(f"{name} does not exist") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{name} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise FileError(f"{name} is not a JSON object")
    return found
