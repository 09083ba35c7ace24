"""The packages of a function, which its requirements.txt pins; `herald lock NAME` writes this file."""

import importlib.metadata
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from infra.declarations.spec import FunctionSpec, SpecError

PYTHON: Final = "3.13"
# uv's names of Lambda's platforms: Amazon Linux 2023 has glibc 2.34, and these wheels need 2.17.
PLATFORMS: Final = {"arm64": "aarch64-manylinux2014", "x86_64": "x86_64-manylinux2014"}
LOCKS: Final = Path(__file__).parents[2] / "requirements"
LAYER: Final = LOCKS / "lambda.txt"
APP: Final = LOCKS / "dev.txt"  # the environment in which the tests of all functions run
PIN: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==(?P<version>[^\s;]+)\s*(?P<marker>;.*?)?"
    r"(?P<hashes>(?:\s+--hash=sha256:[0-9a-f]{64})*)\s*"
)
WANTED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
SEPARATORS: Final = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package in a lock file, by its normalized name; `optional` if a marker limits it to some systems."""

    name: str
    version: str
    line: int
    optional: bool = False

    @property
    def text(self) -> str:
        """The pin without its hashes."""
        return f"{self.name}=={self.version}"


def file_of(function: str) -> str:
    """Return the name of a function's lock file."""
    return f"functions/{function}/requirements.txt"


def pins(lock: Path) -> tuple[Pin, ...]:
    """Return the pins of a lock file; () if the file does not exist. Other lines are skipped."""
    found = ((line, PIN.fullmatch(text)) for line, text in _logical_lines(lock))
    return tuple(
        Pin(_normalized(match["name"]), match["version"], line, bool(match["marker"])) for line, match in found if match
    )


def faults(root: Path, function: str) -> Iterator[str]:
    """Yield the faults, with file and line, for which a deployment or the environment of all tests would fail."""
    lock, remedy = root / file_of(function), f"run `herald lock {function}`"
    yield from _unlocked(root, function, remedy)
    for line, text in _logical_lines(lock):
        match = PIN.fullmatch(text)
        if not match:
            yield f"{file_of(function)}:{line}: '{text.split(' --hash')[0]}' is not NAME==VERSION with hashes: {remedy}"
        elif not match["hashes"]:
            yield f"{file_of(function)}:{line}: {match['name']}=={match['version']} has no --hash: {remedy}"
    elsewhere = _pinned_elsewhere(root, function)
    for pin in pins(lock):
        version, other = elsewhere.get(pin.name, (pin.version, ""))
        if version != pin.version:
            reason = f"{other} has {version}, and tests run in one environment"
            yield f"{file_of(function)}:{pin.line}: {pin.text}, but {reason}: {remedy}"


def refuse(root: Path, specs: Iterable[FunctionSpec]) -> None:
    """Raise SpecError for the first fault in a lock file."""
    for spec in specs:
        for sentence in faults(root, spec.name):
            raise SpecError(sentence)


def missing(root: Path, function: str) -> list[Pin]:
    """Return the packages of a function that this environment lacks or has in another version."""
    return [pin for pin in pins(root / file_of(function)) if not pin.optional and _installed(pin.name) != pin.version]


def modules(root: Path, function: str) -> frozenset[str]:
    """Return the top-level modules of a function's own packages that are installed here."""
    own = {pin.name for pin in pins(root / file_of(function))}
    return frozenset(module for module, names in _distributions().items() if names & own)


def not_shipped(root: Path, function: str, module: str) -> str:
    """Return the package of an imported module if neither the function nor the layer has it; "" otherwise."""
    if module in sys.stdlib_module_names:
        return ""
    needed = _distributions().get(module, frozenset())
    shipped = _layer() | {pin.name for pin in pins(root / file_of(function))}
    return "" if needed & shipped else min(needed, default="")


def _logical_lines(lock: Path) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, without comments; a backslash at the end continues a line."""
    whole, first = "", 0
    for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines() if lock.is_file() else (), start=1):
        text = re.sub(r"(\A|\s)#.*", "", line).strip()
        first, whole = (first, f"{whole} {text}") if whole else (number, text)
        if whole.endswith("\\"):
            whole = whole.removesuffix("\\").strip()
        elif whole:
            yield first, whole
            whole = ""


def _unlocked(root: Path, function: str, remedy: str) -> Iterator[str]:
    """Yield the packages of requirements.in that are not in requirements.txt."""
    source = f"functions/{function}/requirements.in"
    locked = {pin.name for pin in pins(root / file_of(function))}
    for line, text in _logical_lines(root / source):
        name = WANTED.match(text)
        if name and _normalized(name[0]) not in locked:
            yield f"{source}:{line}: '{name[0]}' is not in requirements.txt: {remedy}"


def _pinned_elsewhere(root: Path, function: str) -> dict[str, tuple[str, str]]:
    """Return version and file of each pin of the app's environment and of the functions before this one."""
    others = sorted(path for path in (root / "functions").glob("*/requirements.txt") if path.parent.name < function)
    return {
        pin.name: (pin.version, "/".join(lock.parts[-3:] if lock != APP else lock.parts[-2:]))
        for lock in (*others, APP)
        for pin in pins(lock)
    }


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


@cache
def _layer() -> frozenset[str]:
    return frozenset(pin.name for pin in pins(LAYER))


@cache
def _distributions() -> dict[str, frozenset[str]]:
    """Return the packages of each top-level module of this environment."""
    found = importlib.metadata.packages_distributions()
    return {module: frozenset(map(_normalized, names)) for module, names in found.items()}


def _normalized(name: str) -> str:
    """Return a normalized name. Source: "Names and normalization", Python Packaging User Guide."""
    return SEPARATORS.sub("-", name).lower()
