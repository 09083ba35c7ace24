"""Identifiers use the words of AWS's services; former words of this repository do not return."""

import re
from pathlib import Path
from typing import Final

import pytest

from infra.declarations.loader import ROOT
from tests.architecture.modules import MODULES

CODE: Final = [
    path
    for folder in ("functions", "infra", "herald", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path != Path(__file__)
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
    "catalogue": "catalog, loader",
}
# Former names of modules that are common words elsewhere.
FORMER_MODULES: Final = frozenset(
    {"agreement", "calls", "choice", "evolution", "gaps", "guards", "intake", "loops", "platform", "reach", "smallest"}
)


@pytest.mark.parametrize("words", FORMER)
def test_a_former_word_is_not_an_identifier(words: str) -> None:
    """In code, comments and messages of this repository."""
    assert found(words) == [], f"write {FORMER[words]}"


def test_a_former_module_does_not_return() -> None:
    """The glossary in docs/architecture.md has the names that replace them."""
    former = FORMER_MODULES | {word for words in FORMER for word in words.split("|")}
    assert {room for room, path in MODULES.items() if path.stem in former} == set()


def test_an_identifier_would_be_found() -> None:
    """The search finds whole words in this repository's code."""
    assert any(line.startswith("infra/declarations/spec.py:") for line in found("FunctionSpec"))
    assert found("FunctionSpe") == []


def found(words: str) -> list[str]:
    """Return the lines of code that contain one of some words, each with its file."""
    pattern = re.compile(rf"\b({words})\b")
    return [
        f"{path.relative_to(ROOT).as_posix()}:{number}: {line}"
        for path in CODE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
