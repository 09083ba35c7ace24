"""Code and documentation use the words of AWS's services; former words of this repository do not return."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from infra.declarations.loader import ROOT
from tests.architecture.modules import MODULES

FOLDERS: Final = ("functions", "infra", "herald", "tests", "events", "docs")
TEXTS: Final = [
    path
    for folder in (*(ROOT / name for name in FOLDERS), ROOT)
    for path in sorted(folder.glob("*" if folder == ROOT else "**/*"))
    if (path.suffix in {".py", ".md", ".toml", ".json"} or path.name == "Makefile")
    and path.name not in {"CHANGELOG.md", "package-lock.json", Path(__file__).name}
    and path.is_file()
]
# Former identifiers with the words that replace them.
FORMER: Final = {
    "Ruling|Rulings|ruling|rulings": "ClaimResult, claim_rules",
    "Verdict|verdict|verdicts": "ClaimStatus",
    "LAPSED|TWIN|UNDECIDED": "LEASE_EXPIRED, SAME_BATCH, UNKNOWN",
    "bury|buried|unburied|_bury": "dead_letter, not_dead_lettered",
    "_turn_away|_pass_by|undone": "reject_reused_ids, skip, failed_ids",
    "Telling|sum_up": "DecisionLog, flush",
    "Desk|desk|Seal": "WebContext, SignedContent",
    "occasion|unpromised": "sample_event, types_without_contract",
    "catalogue|catalogues": "catalog, loader",
    r"run\.remember|run\.guard|run\.caused": "run.remember_first, run.bucket_guard, run.effects",
    r"desk\.emit|event\.payload|event\.major": "web.emit, event.payload_digest, event.contract_version",
}
# Former names of modules that are common words elsewhere.
FORMER_MODULES: Final = frozenset(
    {"agreement", "calls", "choice", "evolution", "gaps", "guards", "intake", "loops", "platform", "reach", "smallest"}
)


@pytest.mark.parametrize("words", FORMER)
def test_a_former_word_does_not_return(words: str) -> None:
    """In code, comments, messages and documentation."""
    assert found(words) == [], f"write {FORMER[words]}"


def test_a_former_module_does_not_return() -> None:
    """The glossary in docs/architecture.md has the names that replace them."""
    former = FORMER_MODULES | {word for words in FORMER for word in words.split("|")}
    assert {room for room, path in MODULES.items() if path.stem in former} == set()


def test_a_dead_letter_is_not_called_a_letter() -> None:
    """No variable or parameter has this name; in prose the word may mean a character."""
    assert {room for room, path in MODULES.items() if {"letter", "letters"} & set(names(path))} == set()


def test_a_word_would_be_found(tmp_path: Path) -> None:
    """The search finds whole words in code and documentation, and variables and parameters in code."""
    assert any(line.startswith("infra/declarations/spec.py:") for line in found("FunctionSpec"))
    assert any(line.startswith("docs/architecture.md:") for line in found("BucketGuard"))
    assert found("FunctionSpe") == []
    module = tmp_path / "module.py"
    module.write_text("def f(a):\n    for b in a:\n        c.d", encoding="utf-8")
    assert set(names(module)) == {"a", "b"}


def names(path: Path) -> Iterator[str]:
    """Yield the variables and parameters of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def found(words: str) -> list[str]:
    """Return the lines of code and documentation that contain one of some words, each with its file."""
    pattern = re.compile(rf"\b({words})\b")
    return [
        f"{path.relative_to(ROOT).as_posix()}:{number}: {line}"
        for path in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
