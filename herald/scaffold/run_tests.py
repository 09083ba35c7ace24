"""Tries one function: its own tests, and of those that hold for all functions the ones that concern it."""

import os
import subprocess
import sys
from typing import Final

from functions.runtime.core.suggestions import did_you_mean
from herald.check import locking
from herald.errors import CommandError
from herald.terminal.console import say
from infra.contracts import contracts
from infra.declarations import loader, packages
from infra.declarations.loader import ROOT

OF_ALL: Final = ("tests/contract", "tests/architecture")


def run(name: str) -> int:
    """Run the tests of a function and return pytest's exit code; CommandError when there is no such function."""
    specs = {spec.name: spec for spec in loader.load()}
    if name not in specs:
        raise CommandError(f"there is no function '{name}'{did_you_mean(name, specs)}")
    lacking = packages.missing(ROOT, name)
    if lacking:
        say(f"installing {', '.join(pin.text for pin in lacking)}")
        locking.install(ROOT, name)
    # What concerns it has its name, that of a sample, or the type of an event it takes or emits in the id of a test.
    promised = contracts.needed(contracts.load(ROOT), specs[name])
    concerned = [name, *specs[name].trigger.samples, *sorted({contract.name for contract in promised})]
    own = [f"tests/unit/{name}"] if (ROOT / "tests" / "unit" / name).is_dir() else []
    command = [sys.executable, "-m", "pytest", *own, *OF_ALL, "-k", " or ".join(concerned)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode
