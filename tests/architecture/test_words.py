"""Identifiers use the words of AWS's services; former words of this repository do not return."""

import subprocess
from typing import Final

import pytest

from infra.declarations.loader import ROOT
from tests.architecture.modules import MODULES

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
    """In code, comments and messages."""
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
    """Return the lines of code, and the files, that contain one of some words."""
    code = ("functions/*.py", "infra/*.py", "herald/*.py", "tests/*.py", "app.py", ":!tests/architecture/test_words.py")
    lines = subprocess.run(
        ["git", "grep", "--untracked", "-nwE", words, "--", *code],  # noqa: S607 - git of the developer's machine
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,  # 1 means that no line contains a word
    )
    assert not lines.stderr
    return lines.stdout.splitlines()
