"""Pins and installs the packages of a function with uv, and checks that Lambda can install them."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from functions.runtime.core.suggestions import did_you_mean
from herald.errors import CommandError
from infra.declarations import packages
from infra.declarations.loader import NOT_FUNCTIONS
from infra.declarations.packages import PLATFORMS, PYTHON

# Words in the errors of uv about packages; any other error is about the index or the network.
ABOUT_PACKAGES: Final = ("No solution found", "hash")


class UnreachableError(CommandError):
    """The package index does not respond."""


def lock(root: Path, name: str) -> int:
    """Write a function's requirements.txt from its requirements.in; return the number of pinned packages.

    Existing pins are kept if they still fit. The lock is valid on every platform, so that tests can use it here.
    CommandError: the packages do not resolve, or Lambda cannot install them.
    """
    known = [path.name for path in (root / "functions").iterdir() if path.is_dir() and path.name not in NOT_FUNCTIONS]
    if name not in known:
        raise CommandError(f"there is no function '{name}'{did_you_mean(name, known)}")
    source, target = f"functions/{name}/requirements.in", packages.file_of(name)
    if not (root / source).is_file():
        raise CommandError(f"{source} is missing: write the packages there that {name} needs, one a line")
    # Tests of all functions run in one environment, with the versions that requirements/dev.txt pins.
    done = _uv(
        ["compile", "--universal", "--generate-hashes", "--python-version", PYTHON, "--only-binary", ":all:"],
        ["--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", f"herald lock {name}"],
        ["--constraint", "requirements/dev.txt", source, "--output-file", target],
        root=root,
    )
    if done.returncode:
        raise CommandError(f"{source} does not resolve:\n{done.stderr.strip()}")
    for sentence in not_installable(root, name):
        raise CommandError(sentence)
    return len(packages.pins(root / target))


def not_installable(root: Path, name: str) -> Iterator[str]:
    """Yield why Lambda cannot install a pinned package, with file and line, for each architecture.

    uv queries the package index and downloads no package. UnreachableError: the index does not respond.
    """
    target, pins = packages.file_of(name), packages.pins(root / packages.file_of(name))
    if not pins:
        return
    for architecture, platform in PLATFORMS.items():
        with tempfile.TemporaryDirectory() as empty:
            done = _uv(
                ["install", "--dry-run", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--target", empty],
                ["--python-version", PYTHON, "--python-platform", platform, "--requirement", target],
                root=root,
            )
        if done.returncode:
            if not any(words in done.stderr for words in ABOUT_PACKAGES):
                raise UnreachableError(f"{target}: whether Lambda can install it is not known: {done.stderr.strip()}")
            words = " ".join(done.stderr.split())
            reason = words[max(words.find("Because"), 0) :].split(" hint:")[0]
            named = [pin for pin in pins if pin.name in reason]
            place = f"{target}:{min(named, key=lambda pin: reason.index(pin.name)).line}" if named else target
            yield f"{place}: Lambda cannot install this on {architecture}: {reason}"


def install(root: Path, name: str) -> None:
    """Install a function's pinned packages in this environment; CommandError with the message of uv if that fails."""
    for sentence in packages.faults(root, name):
        raise CommandError(sentence)
    done = _uv(
        ["install", "--python", sys.executable, "--require-hashes", "--requirement", packages.file_of(name)], root=root
    )
    if done.returncode:
        raise CommandError(f"{packages.file_of(name)} could not be installed here:\n{done.stderr.strip()}")


def _uv(*arguments: Sequence[str], root: Path) -> subprocess.CompletedProcess[str]:
    command = [find_uv_bin(), "pip", *(each for some in arguments for each in some), "--quiet"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
