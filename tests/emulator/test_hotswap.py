"""`herald local up` after a change of code alone: the code is replaced, and nothing is deployed."""

from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

import pytest

from herald.investigate.history import History
from herald.local import emulator, local
from tests import checkout
from tests.emulator.deployed import Aws
from tests.emulator.functions.test_new_function import herald
from tests.emulator.reports import GREEN

REPORTS: Final = "functions/summarise_test_report"


@pytest.fixture
def copied(aws: Aws, tmp_path: Path) -> Iterator[Path]:
    """Copy the repository; afterwards the functions have the code of this one again."""
    root = checkout.copy(tmp_path)
    assert up(root).returncode == 0
    yield root
    local.up(aws.deployment.environment, print)


def up(root: Path) -> CompletedProcess[str]:
    """Run the copy's `herald local up`."""
    return herald(root, "local", "up")


def test_only_the_code_that_changed_is_replaced(aws: Aws, copied: Path) -> None:
    """It runs at the next event, `up` says whose it is, and a change of a declaration deploys as ever."""
    assert "nothing changed" in up(copied).stderr
    handler = copied / REPORTS / "handler.py"
    text = handler.read_text(encoding="utf-8")
    broken = 'raise ValueError("another version")\n'
    changed = text.replace("run.read(event)", "_another(run.read(event))", 1)
    handler.write_text(f"{changed}\n\ndef _another(_body: bytes) -> bytes:\n    {broken}", encoding="utf-8")
    assert "only code changed, of summarise_test_report: replacing it" in up(copied).stderr
    subject = aws.put("reports/hotswap.xml", GREEN)

    def failed() -> bool:
        found = History(aws.deployment).decisions(subject)
        return any(
            "another version" in (each["reason"] or "") for each in found if each["function"] == "summarise_test_report"
        )

    assert emulator.wait_until(failed, 60)
    handler.write_text(text, encoding="utf-8")
    declaration = copied / "functions" / "notify" / "function.toml"
    declaration.write_text(
        declaration.read_text(encoding="utf-8").replace("memory_mb = 256", "memory_mb = 320"), encoding="utf-8"
    )
    assert "deploying: functions/notify/function.toml changed" in up(copied).stderr
    # CloudFormation had the old code in its template all the time, and would leave the other code where it is.
    (decision,) = aws.decisions(aws.put("reports/after.xml", GREEN))
    assert decision["decision"] == "processed"
