"""Files and tests that the documents name exist."""

import re
from pathlib import Path
from typing import Final

import pytest

from infra.declarations.loader import ROOT

NAMED: Final = re.compile(r"`(?P<file>[\w/…]+\.py)?(?:::(?P<test>\w+))?`")


@pytest.mark.parametrize(("page", "least"), [("guarantees.md", 31), ("emulator-limits.md", 10)])
def test_the_tests_that_a_page_names_exist(page: str, least: int) -> None:
    """A page names files below tests/; `…/` is the folder of the previous file, `::` a test in it."""
    file, missing, named = ROOT, [], 0
    for match in NAMED.finditer((ROOT / "docs" / page).read_text(encoding="utf-8")):
        if match["file"]:
            name = match["file"]
            file = file.parent / name[2:] if name.startswith("…/") else ROOT / "tests" / name
        named += 1
        if not holds(file, match["test"]):
            missing.append(match[0])
    assert named >= least
    assert missing == []


def holds(file: Path, test: str | None) -> bool:
    """Return whether a file contains a test; without a test, whether the file exists."""
    if not file.is_file():
        return False
    text = file.read_text(encoding="utf-8")
    return test is None or re.search(rf"^(?:def |class |){test}\b", text, re.MULTILINE) is not None
