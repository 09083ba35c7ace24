"""A copy of this repository for tests that add to it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.declarations.loader import ROOT

FOLDERS: Final = ("functions", "infra", "herald", "events", "requirements", "tests", "docs")
FILES: Final = ("app.py", "cdk.json", "pyproject.toml")
LINKED: Final = (".venv", "node_modules")


def copy(directory: Path) -> Path:
    """Copy what a checkout has, and link the environments that it stands on."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copyfile(ROOT / name, directory / name)
    for name in LINKED:
        (directory / name).symlink_to(ROOT / name)
    return directory


def python(directory: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the modules of a copy."""
    return _run([sys.executable, *arguments], directory, variables)


def shell(directory: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run what somebody types in a copy whose environment is active."""
    path = f"{directory / '.venv' / 'bin'}{os.pathsep}{variables.get('PATH', os.environ['PATH'])}"
    return _run(["bash", "-eu", "-o", "pipefail", "-c", command], directory, variables | {"PATH": path})


def _run(command: Sequence[str], directory: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | variables | {"PYTHONPATH": str(directory)}
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
