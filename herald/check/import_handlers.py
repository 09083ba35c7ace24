"""Imports each handler as a Lambda worker would, and prints JSON: place and error by function, null for no fault.

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
from types import ModuleType
from typing import Any

FUNCTIONS = "functions"
RUNTIME = "functions.runtime"

type Fault = tuple[str, str]  # the place, `<file>:<line>` or the handler's file, and the error


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


def _forked(function: str, how: Mapping[str, Any]) -> Fault | None:
    ended = (_file(function), "the import ended the process")
    read, write = os.pipe()
    child = os.fork()
    if not child:
        fault: Fault | None = ended
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
    answer: Fault | None = json.loads(text) if text else ended
    return answer


def _import(function: str, modules: Sequence[str]) -> Fault | None:
    sys.meta_path.insert(0, Worker(function, modules))
    try:
        module = importlib.import_module(f"{FUNCTIONS}.{function}.handler")
    except Exception as error:  # noqa: BLE001 - a handler's code can raise anything
        return _place(error, function), f"{type(error).__name__}: {error}"
    if callable(getattr(module, "handle", None)):
        return None
    return _file(function), "it defines no function handle"


def _file(function: str) -> str:
    return f"{FUNCTIONS}/{function}/handler.py"


def _place(error: BaseException, function: str) -> str:
    """Return the last file and line of the function's own code in the traceback, or the file of the handler."""
    folder = f"{FUNCTIONS}/{function}/"
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if f"/{folder}" in frame.filename]
    if not own:
        return _file(function)
    return f"{folder}{own[-1].filename.rpartition(f'/{folder}')[2]}:{own[-1].lineno}"


if __name__ == "__main__":
    main()
