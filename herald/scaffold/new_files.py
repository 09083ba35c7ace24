"""Writes new files, or none: what is not accepted leaves nothing behind."""

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
    """Return a template of this package with its names replaced."""
    return Template((TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")).substitute(values)


def as_json(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return what a file of JSON holds."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def write(root: Path, files: Files, check: Callable[[], object]) -> None:
    """Write files, by their names below `root`; when one is there already, or `check` raises, none is left.

    Code is formatted and linted: CommandError with the linter's words when it is not clean.
    """
    for name in files:
        if os.path.lexists(root / name):  # and no error where there can be no such name
            raise CommandError(f"{name} is there already")
    made: list[Path] = []
    try:
        for name, content in files.items():
            _write(root, name, content, made)
        code = [name for name in files if name.endswith(".py")]
        if code:
            _lint(root, code)
        check()
    except BaseException:  # an interruption leaves nothing behind either
        _remove(made)
        raise


def _write(root: Path, name: str, content: str, made: list[Path]) -> None:
    """Write a file and the folders it needs; `made` learns of each as it comes."""
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
    """Take away what was made, last things first; what cannot go is not in the way of the rest."""
    for path in reversed(made):
        with suppress(OSError):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()


def _lint(root: Path, names: Sequence[str]) -> None:
    """Mend what can be mended, format, and hold what comes of it against every rule."""
    for command in (["check", "--fix"], ["format"], ["check"]):
        line = [sys.executable, "-m", "ruff", *command, "--quiet", *names]
        done = subprocess.run(line, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"the linter refuses what would be written:\n{done.stdout or done.stderr}")
