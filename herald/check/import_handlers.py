"""Imports each handler as a Lambda worker would, and prints JSON: the fault by function, null for none.

This is a separate program, started with -I. stdin:
`{"roots": […], "functions": {name: {"modules": […], "variables": {…}}}}`.
"""

import importlib
import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

FUNCTIONS = "functions"
RUNTIME = "functions.runtime"


class Worker(MetaPathFinder):
    """Rejects the import of every module that a function's worker does not have."""

    def __init__(self, function: str, modules: Sequence[str]) -> None:
        """Allow the function's folder, the runtime, and the top-level modules of its packages and the layer."""
        self.folders = {f"{FUNCTIONS}.{function}", RUNTIME}
        self.modules = {*modules, *sys.stdlib_module_names, FUNCTIONS}

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Raise ModuleNotFoundError as Lambda would; None continues with the other finders."""
        parts = fullname.split(".")
        here = parts[0] in self.modules and (parts[0] != FUNCTIONS or ".".join(parts[:2]) in self.folders)
        if not here:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def main() -> None:
    """Import the runtime once, then each handler in a forked process."""
    asked: dict[str, Any] = json.load(sys.stdin)
    package = ModuleType(FUNCTIONS)
    package.__path__ = [f"{root}/{FUNCTIONS}" for root in asked["roots"]]
    sys.modules[FUNCTIONS] = package
    importlib.import_module(RUNTIME)
    print(json.dumps({name: _forked(name, each) for name, each in asked["functions"].items()}))  # noqa: T201 - the answer of this program


def _forked(function: str, how: Mapping[str, Any]) -> str | None:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        fault: str | None = "it ended the process"
        try:
            os.close(read)
            os.dup2(2, 1)  # the output of a module must not mix with the answer on stdout
            os.environ.update(how["variables"])
            fault = _import(function, how["modules"])
        finally:
            os.write(write, json.dumps(fault).encode())
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    answer: str | None = json.loads(text or '"it ended the process"')
    return answer


def _import(function: str, modules: Sequence[str]) -> str | None:
    sys.meta_path.insert(0, Worker(function, modules))
    try:
        module = importlib.import_module(f"{FUNCTIONS}.{function}.handler")
    except Exception as error:  # noqa: BLE001 - a handler's code can raise anything
        return f"{_line(error, function)}{type(error).__name__}: {error}"
    return None if callable(getattr(module, "handle", None)) else "handler.py defines no function handle"


def _line(error: BaseException, function: str) -> str:
    """Return the last file and line of the function's own code in the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if f"/{FUNCTIONS}/{function}/" in frame.filename]
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}: " if own else ""


if __name__ == "__main__":
    main()
