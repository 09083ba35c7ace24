"""Imports each handler as Lambda would: with its folder, the runtime, the layer and its own packages only.

The packages are those installed here, so faults of another platform are not found.
"""

import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from functions.runtime.core import variables
from infra.declarations import resources
from infra.declarations.loader import ROOT
from infra.declarations.spec import FunctionSpec

PROGRAM: Final = Path(__file__).with_name("import_handlers.py")
LAYER: Final = Path("requirements/lambda.txt")
SECONDS: Final = 60
NOT_IMPORTED: Final = " (the handler cannot be imported on Lambda)"
PINNED: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)", re.MULTILINE)


def faults(root: Path, specs: Sequence[FunctionSpec]) -> Iterator[str]:
    """Yield a message with file, line and error for each handler that fails to import; another process imports them."""
    layer = next(path for path in (root / LAYER, ROOT / LAYER) if path.is_file())
    asked = {
        spec.name: {"modules": _modules(_pinned(layer) | _pinned(_own(root, spec))), "variables": _variables(spec)}
        for spec in specs
        if (root / "functions" / spec.name / "handler.py").is_file()
    }
    for name, fault in (_run(root, asked) if asked else {}).items():
        if fault:
            missing = _not_installed(_pinned(_own(root, next(each for each in specs if each.name == name))))
            place, error = fault
            yield f"{place}: {error}{NOT_IMPORTED}{missing}"


def _run(root: Path, asked: Mapping[str, Any]) -> dict[str, tuple[str, str] | None]:
    text = json.dumps({"roots": [str(root), str(ROOT)], "functions": asked})
    try:
        done = subprocess.run(
            [sys.executable, "-I", PROGRAM], input=text, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return _all(asked, f"the imports of all functions did not end in {SECONDS} s")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return _all(asked, f"the runtime cannot be imported: {last}")
    answer: dict[str, tuple[str, str] | None] = json.loads(done.stdout)
    return answer


def _all(names: Collection[str], error: str) -> dict[str, tuple[str, str] | None]:
    return {name: (f"functions/{name}/handler.py", error) for name in names}


def _own(root: Path, spec: FunctionSpec) -> Path:
    return root / "functions" / spec.name / "requirements.txt"


def _pinned(file: Path) -> set[str]:
    """Return the normalized names of the distributions in a requirements file."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return {_normal(name) for name in PINNED.findall(text)}


def _modules(distributions: Collection[str]) -> list[str]:
    return [module for module, names in _installed().items() if set(map(_normal, names)) & set(distributions)]


@cache
def _installed() -> Mapping[str, Sequence[str]]:
    return metadata.packages_distributions()


def _not_installed(distributions: Collection[str]) -> str:
    """Return a note about the function's packages that are not installed here and may explain the failure."""
    here = {_normal(name) for names in _installed().values() for name in names}
    missing = ", ".join(sorted(set(distributions) - here))
    return f"; not installed here: {missing} (`make setup` installs what requirements.txt names)" if missing else ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _variables(spec: FunctionSpec) -> dict[str, str]:
    """Return the environment variables that an import may read; the resources that they name do not exist."""
    named = {variables.resource(*name.split(".", 1)): name for name in resources.load()}
    region = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    return named | region | {variables.FUNCTION: spec.name, variables.SETTINGS: json.dumps(spec.settings)}
