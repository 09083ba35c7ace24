"""Writes new files, all or none."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any, Final

from herald.errors import CommandError

TEMPLATES: Final = resources.files("herald.scaffold") / "templates"

type Files = dict[str, str]


def render(template: str, values: Mapping[str, str]) -> str:
    """Return a template of this package with its placeholders replaced."""
    return Template((TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")).substitute(values)


def as_json(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return the content of a JSON file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def write(root: Path, files: Files, check: Callable[[], object]) -> None:
    """Write files by their paths below `root`; remove all of them if `check` raises.

    Code is formatted and linted. CommandError: a file exists already, cannot be written, or does not pass the linter.
    """
    for name in files:
        if os.path.lexists(root / name):  # it returns False for a path that the system does not allow
            raise CommandError(f"{name} is there already")
    made: list[Path] = []
    try:
        for name, content in files.items():
            _write(root, name, content, made)
        code = [name for name in files if name.endswith(".py")]
        if code:
            _lint(root, code)
        check()
    except BaseException:  # an interruption removes the files too
        _remove(made)
        raise


def _write(root: Path, name: str, content: str, made: list[Path]) -> None:
    """Write a file and its folders, and append each to `made` as soon as it exists."""
    path = root / name
    try:
        for folder in reversed([each for each in path.parents if not each.exists()]):
            folder.mkdir()
            made.append(folder)
        made.append(path)
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{name} cannot be written: {error.strerror}") from error


def _remove(made: Sequence[Path]) -> None:
    """Remove files and folders, the last one first; ignore those that cannot be removed."""
    for path in reversed(made):
        with suppress(OSError):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()


def _lint(root: Path, names: Sequence[str]) -> None:
    """Fix and format the files, then check them with every rule."""
    for command in (["check", "--fix"], ["format"], ["check"]):
        line = [sys.executable, "-m", "ruff", *command, "--quiet", *names]
        done = subprocess.run(line, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"the linter refuses what would be written:\n{done.stdout or done.stderr}")
