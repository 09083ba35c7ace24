"""The import rules inside each function's folder, which import-linter's contracts do not cover."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from infra.declarations import packages
from infra.declarations.loader import NOT_FUNCTIONS, ROOT

FOLDERS: Final = sorted(
    path for path in (ROOT / "functions").iterdir() if path.is_dir() and path.name not in NOT_FUNCTIONS
)
MODULES: Final = [
    pytest.param(path, id=".".join(path.relative_to(ROOT / "functions").with_suffix("").parts))
    for folder in FOLDERS
    for path in sorted(folder.rglob("*.py"))
]

# Modules of the runtime without AWS, clock and environment. A model may import all of them, logic those of CORE.
CORE: Final = ("functions.runtime.core.errors", "functions.runtime.core.json_values", "functions.runtime.core.text")
VALUES: Final = (*CORE, *(f"functions.runtime.http.{name}" for name in ("payload", "signatures", "standard_webhooks")))
PLAIN: Final = sys.stdlib_module_names - {"os", "time"}
CLOCKS: Final = frozenset({"now", "today", "utcnow"})  # of datetime's classes


def imports(source: str) -> Iterator[str]:
    """Yield the full name of every module or attribute that a source imports, also within functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def forbidden(path: Path, source: str) -> list[str]:
    """Return the imports of a function's module that are not allowed."""
    function = f"functions.{path.relative_to(ROOT / 'functions').parts[0]}."
    allowed = {
        "handler": (function, "functions.runtime."),
        "logic": (f"{function}model.", *CORE),
        "model": VALUES,
    }.get(path.stem, (function, *VALUES))
    own = packages.modules(ROOT, function.split(".")[1])
    names = [name for name in imports(source) if name.split(".")[0] not in sys.stdlib_module_names | own]
    return [name for name in names if not name.startswith(tuple(allowed))]


def impure(source: str) -> list[str]:
    """Return the uses of AWS, the clock or the environment in a module."""
    others = [name for name in imports(source) if name.split(".")[0] not in PLAIN and not name.startswith(VALUES)]
    fields = [node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    return others + [name for name in fields if name in CLOCKS]


@pytest.mark.parametrize("path", MODULES)
def test_a_function_keeps_to_its_folder(path: Path) -> None:
    """Handler → logic, model, runtime; logic → its model and the runtime's core values; never another function.

    The model and all other modules of the folder may use the runtime's values. All may use the packages of the
    function's own requirements.txt.
    """
    assert forbidden(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("logic", "import boto3"),
        ("logic", "from functions.runtime import Run"),
        ("handler", "from functions.notify.logic import compose"),
        ("handler", "from infra.declarations import spec"),
        ("model", "def f():\n    import aws_cdk"),
        ("model", "from functions.runtime import Permanent"),
        ("logic", "from functions.runtime.http.payload import text"),
        ("providers/github", "from functions.runtime import Run"),
    ],
)
def test_a_forbidden_import_is_found(module: str, source: str) -> None:
    """The check above can fail."""
    assert forbidden(ROOT / f"functions/summarise/{module}.py", source)


@pytest.mark.parametrize("name", VALUES)
def test_values_of_the_runtime_stand_on_the_standard_library(name: str) -> None:
    """And on each other: they use no AWS, clock or environment."""
    path = (ROOT / name.replace(".", "/")).with_suffix(".py")
    assert impure(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import os.path",
        "from os import environ",
        "def f():\n    from time import time",
        "import boto3",
        "from functions.runtime.core import clock",
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
    ],
)
def test_an_impure_module_is_found(source: str) -> None:
    """The check above can fail."""
    assert impure(source)


@pytest.mark.parametrize("path", MODULES)
def test_nothing_happens_at_import(path: Path) -> None:
    """A module creates no client and reads no environment or clock on import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        ast.unparse(node.value)
        for node in tree.body
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    ]
    assert calls == []
    assert "boto3" not in {name.split(".")[0] for name in imports(ast.unparse(tree))}
