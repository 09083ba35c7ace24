"""The worked examples of the runbook are those that tests stage on the local AWS."""

import re
from typing import Final

import pytest

from infra.declarations.loader import ROOT
from tests.emulator.incidents.example import Example
from tests.emulator.incidents.examples import EXAMPLES

RUNBOOK: Final = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
SECTION: Final = RUNBOOK.partition("## Worked examples\n")[2].partition("\n## ")[0]
INCIDENTS: Final = ROOT / "tests" / "emulator" / "incidents"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title.replace(" ", "-"))
def test_the_runbook_has_the_example(example: Example) -> None:
    """Symptom, command, answer, cause and repair are those of the staged incident; its alarms have sections."""
    start, end = SECTION.find(f"### {example.title}\n"), SECTION.find("\n### ", SECTION.find(f"### {example.title}\n"))
    assert start >= 0
    assert f"{SECTION[start : end if end > 0 else None].rstrip()}\n" == f"{example.markdown().rstrip()}\n"
    assert [alarm for alarm in example.alarms if f"\n## {alarm}\n" not in RUNBOOK] == []


def test_the_runbook_has_no_other_examples() -> None:
    """There are twelve, in the order of the table."""
    assert re.findall(r"^### (.*)$", SECTION, re.MULTILINE) == [example.title for example in EXAMPLES]
    assert len(EXAMPLES) == 12


def test_each_example_is_staged() -> None:
    """A test types the command of each example, and the command that mends it."""
    staged = "".join(path.read_text(encoding="utf-8") for path in INCIDENTS.glob("test_*.py"))
    typed = {kind: len(set(re.findall(rf"\b{kind}\(examples\.(\w+)\)", staged))) for kind in ("investigate", "mend")}
    assert typed == {"investigate": len(EXAMPLES), "mend": len(EXAMPLES)}
