"""Checks one function, and runs its own tests and the tests for all functions that concern it."""

import os
import subprocess
import sys
from typing import Final

from functions.runtime.core.suggestions import did_you_mean
from herald.check import check, locking
from herald.errors import CommandError
from herald.terminal.console import say
from infra.contracts import contracts
from infra.declarations import loader, packages
from infra.declarations.loader import ROOT

OF_ALL: Final = ("tests/contract", "tests/architecture")


def run(name: str) -> int:
    """Run the tests of a function, without those marked `long`, and return the exit code of pytest.

    CommandError: the function does not exist, or `herald check` finds a disagreement in it.
    """
    specs = {spec.name: spec for spec in loader.load()}
    if name not in specs:
        raise CommandError(f"there is no function '{name}'{did_you_mean(name, specs)}")
    lacking = packages.missing(ROOT, name)
    if lacking:
        say(f"installing {', '.join(pin.text for pin in lacking)}")
        locking.install(ROOT, name)
    known = contracts.load(ROOT)
    disagreements = check.of_function(ROOT, specs[name], known)
    if disagreements:  # many tests would fail because of one of them
        raise CommandError("\n".join(disagreements))
    # The ids of the tests that concern a function contain its name, a sample of it, or a type that it reads or emits.
    promised = contracts.needed(known, specs[name])
    concerned = [name, *specs[name].trigger.samples, *sorted({contract.name for contract in promised})]
    own = [f"tests/unit/{name}"] if (ROOT / "tests" / "unit" / name).is_dir() else []
    command = [sys.executable, "-m", "pytest", *own, *OF_ALL, "-m", "not long", "-k", " or ".join(concerned)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode
