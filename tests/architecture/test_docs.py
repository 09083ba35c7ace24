"""What the documents say of the code is there."""

import re
from pathlib import Path
from typing import Final

from infra.declarations.loader import ROOT

NAMED: Final = re.compile(r"`(?P<file>[\w/…]+\.py)?(?:::(?P<test>\w+))?`")


def test_the_tests_that_guard_a_promise_exist() -> None:
    """docs/guarantees.md names files below tests/; `…/` is the folder of the file before, `::` its next test."""
    file, missing, named = ROOT, [], 0
    for match in NAMED.finditer((ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")):
        if match["file"]:
            name = match["file"]
            file = file.parent / name[2:] if name.startswith("…/") else ROOT / "tests" / name
        named += 1
        if not holds(file, match["test"]):
            missing.append(match[0])
    assert named > 30
    assert missing == []


def holds(file: Path, test: str | None) -> bool:
    """Judge whether a test is in a file."""
    if not file.is_file():
        return False
    text = file.read_text(encoding="utf-8")
    return test is None or re.search(rf"^(?:def |class |){test}\b", text, re.MULTILINE) is not None
