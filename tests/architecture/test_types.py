"""mypy reads the modules of the CDK that the project imports."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from infra.declarations.loader import ROOT


def imported() -> Iterator[str]:
    """Yield each module of the CDK that a file of the project imports."""
    for file in [ROOT / "app.py", *(ROOT / "infra").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "aws_cdk":
                yield str(node.module)


def followed(file: Path) -> set[str]:
    """Return the modules that pyproject.toml lets mypy follow."""
    overrides = tomllib.loads(file.read_text(encoding="utf-8"))["tool"]["mypy"]["overrides"]
    return {module for each in overrides if each.get("follow_imports") == "normal" for module in each["module"]}


def test_types_of_the_cdk_are_checked() -> None:
    """A module that mypy skips would have the type Any."""
    assert set(imported()) - followed(ROOT / "pyproject.toml") == set()
