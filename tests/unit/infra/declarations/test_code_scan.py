"""Imports of a function that fail on Lambda are found before the deployment."""

from pathlib import Path
from typing import Final

import pytest

from infra.declarations import code_scan
from infra.declarations.spec import FunctionSpec, SpecError, Trigger

RUNTIME: Final = """'The word gone is only text.'
from functions.runtime.run import Run
def handle(): ...
"""
ELSEWHERE: Final = ", but the worker has only functions.welcome and functions.runtime"
NOWHERE: Final = ", which does not exist: correct the name, or add the module"


def imported(root: Path, line: str, name: str = "handler.py") -> list[str]:
    """Return the messages about a line of the function `welcome`.

    The runtime has one name and one module. `welcome.old` and `greet` contain only bytecode.
    """
    for file, text in {
        "runtime/__init__.py": RUNTIME,
        "runtime/run.py": "",
        "welcome/model.py": "",
        "welcome/lazy/__init__.py": "def __getattr__(name): ...\n",
        "welcome/all/__init__.py": "from json import *\nimport xml.sax\n",
        "welcome/some/__init__.py": "import xml.sax\n",
        "welcome/old/__pycache__/crm.cpython-313.pyc": "",
        "other/logic.py": "",
        "greet/__pycache__/logic.cpython-313.pyc": "",
        f"welcome/{name}": f"{line}\n",
    }.items():
        path = root / "functions" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(code_scan.strays(root, root / "functions/welcome"))


@pytest.mark.parametrize(
    ("line", "module", "fault"),
    [
        ("from functions.other.logic import x, y", "functions.other.logic", ELSEWHERE),
        ("import json, functions.other.logic", "functions.other.logic", ELSEWHERE),
        ("from functions import other", "functions.other", ELSEWHERE),
        ("from ..other import logic", "functions.other.logic", ELSEWHERE),
        ("from functions.greet import logic", "functions.greet.logic", ELSEWHERE),
        ("import functions.greet", "functions.greet", ELSEWHERE),
        ("from functions import gone", "functions.gone", ELSEWHERE),
        ("from functions.welcome.gone import x", "functions.welcome.gone", NOWHERE),
        ("from functions.welcome import model, gone", "functions.welcome.gone", NOWHERE),
        ("from .gone import x", "functions.welcome.gone", NOWHERE),
        ("from . import gone", "functions.welcome.gone", NOWHERE),
        ("import functions.welcome.old", "functions.welcome.old", NOWHERE),
        ("from functions.runtime import gone", "functions.runtime.gone", NOWHERE),
        ("import functions.runtime.gone", "functions.runtime.gone", NOWHERE),
    ],
)
def test_an_import_that_fails_on_lambda_is_found(tmp_path: Path, line: str, module: str, fault: str) -> None:
    """Once, with its line: an asset contains the function's folder and the runtime, without stale bytecode."""
    assert imported(tmp_path, line) == [f"functions/welcome/handler.py:1: imports {module}{fault}"]


@pytest.mark.parametrize(
    "line",
    [
        "from functions.runtime import Run, handle, run",
        "from functions.welcome import model",
        "from functions import runtime, welcome",
        "from functions import *",
        "from functions.welcome.lazy import anything",
        "from functions.welcome.all import loads",
        "from functions.welcome.some import xml",
        "import functions.welcome.model, gone",
        "from .model import x",
        "from json import gone",
    ],
)
def test_an_import_of_a_shipped_module_is_valid(tmp_path: Path, line: str) -> None:
    """A module, or a name in a package; unknown modules outside functions/ are ignored."""
    assert imported(tmp_path, line) == []


def test_an_import_within_a_package_of_a_function_is_followed(tmp_path: Path) -> None:
    """Relative imports start from the module's package."""
    assert imported(tmp_path, "from ..model import x\nfrom . import crm", "new/crm.py") == []
    assert imported(tmp_path, "from .model import x", "new/crm.py") == [
        f"functions/welcome/new/crm.py:1: imports functions.welcome.new.model{NOWHERE}"
    ]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import x y\n", r"functions/welcome/providers/crm\.py, line 1: not valid Python: invalid syntax"),
        ("from functions.greet import handle\n", r"crm\.py:1: imports functions\.greet, but the worker has"),
    ],
)
def test_a_module_that_no_worker_can_import_is_refused(tmp_path: Path, source: str, sentence: str) -> None:
    """Before the deployment, and in subfolders of the function too."""
    trigger = Trigger(samples=("s",), pattern={"detail-type": ["customer.created"]})
    spec = FunctionSpec(name="welcome", description="d", owner="o", trigger=trigger)
    module = tmp_path / "functions/welcome/providers/crm.py"
    module.parent.mkdir(parents=True)
    module.write_text("import json\n", encoding="utf-8")
    code_scan.refuse(tmp_path, [spec])
    module.write_text(source, encoding="utf-8")
    with pytest.raises(SpecError, match=sentence):
        code_scan.refuse(tmp_path, [spec])
