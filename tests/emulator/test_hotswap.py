"""`herald local up` replaces function code without a deployment when only code changed."""

from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

import pytest

from herald.investigate.history import History
from herald.local import emulator, local
from tests import checkout
from tests.emulator.functions.test_new_function import herald
from tests.emulator.support.deployed import Aws
from tests.emulator.support.reports import GREEN

REPORTS: Final = "functions/summarise_test_report"


@pytest.fixture
def copied(aws: Aws, tmp_path: Path) -> Iterator[Path]:
    """Copy the repository and deploy the copy; deploy this checkout again at the end."""
    root = checkout.copy(tmp_path)
    assert up(root).returncode == 0
    yield root
    local.up(aws.deployment.environment, print)


def up(root: Path) -> CompletedProcess[str]:
    """Run `herald local up` in the copy."""
    return herald(root, "local", "up")


def test_only_the_code_that_changed_is_replaced(aws: Aws, copied: Path) -> None:
    """The new code handles the next event, `up` names the function, and a changed declaration is deployed as usual."""
    assert "nothing changed" in up(copied).stderr
    handler = copied / REPORTS / "handler.py"
    text = handler.read_text(encoding="utf-8")
    broken = 'raise ValueError("another version")\n'
    changed = text.replace("run.read(event)", "_another(run.read(event))", 1)
    handler.write_text(f"{changed}\n\ndef _another(_body: bytes) -> bytes:\n    {broken}", encoding="utf-8")
    assert "only the code of summarise_test_report changed: replacing it" in up(copied).stderr
    subject = aws.put("reports/hotswap.xml", GREEN)

    def failed() -> bool:
        found = History(aws.deployment).decisions(subject)
        return any(
            "ValueError at" in (each["reason"] or "") for each in found if each["function"] == "summarise_test_report"
        )

    assert emulator.wait_until(failed, 60)
    handler.write_text(text, encoding="utf-8")
    declaration = copied / "functions" / "notify" / "function.toml"
    declaration.write_text(
        declaration.read_text(encoding="utf-8").replace("memory_mb = 256", "memory_mb = 320"), encoding="utf-8"
    )
    assert "deploying: functions/notify/function.toml changed" in up(copied).stderr
    # CloudFormation's template always had the old code, so CloudFormation alone would not replace the new code.
    (decision,) = aws.decisions(aws.put("reports/after.xml", GREEN))
    assert decision["decision"] == "processed"


def test_a_handler_that_cannot_be_imported_is_reported(copied: Path) -> None:
    """It is deployed, as the CDK deploys it, and the command names the file and the error."""
    handler = copied / REPORTS / "handler.py"
    handler.write_text(f"import nowhere\n{handler.read_text(encoding='utf-8')}", encoding="utf-8")
    reported = up(copied).stderr
    error = "ModuleNotFoundError: No module named 'nowhere' (the handler cannot be imported on Lambda)"
    assert f"warning: {REPORTS}/handler.py:1: {error}" in " ".join(reported.split())
