"""The commands of docs/add-a-function.md work in a copy of the repository."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from herald.local import cdk, emulator
from infra.declarations.loader import ROOT
from tests import checkout
from tests.emulator.support.deployed import Aws

PAGE: Final = ROOT / "docs" / "add-a-function.md"
# The page ends with the deletion of its owner's stack. The stack of the real owner may hold other functions.
TEXT: Final = PAGE.read_text(encoding="utf-8").replace("observability", "followers-of-the-page")
COMMANDS: Final = re.findall(r"^    (\S.*)$", TEXT, re.MULTILINE)
FUNCTION: Final = "measure_logs"
STACK: Final = "herald-dev-functions-followers-of-the-page"


@pytest.fixture
def copied(aws: Aws, tmp_path: Path) -> Iterator[Path]:
    """Copy the repository without the files that the page adds, and delete the page's stack at the end."""
    root = checkout.copy(tmp_path)
    for path in [*root.rglob(f"*{FUNCTION}*"), root / "events" / "log.measured"]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    # `herald local up` builds for this machine's architecture. The CDK commands of the page must build the same layer.
    settings = json.loads((root / "cdk.json").read_bytes())
    settings["context"]["architecture"] = cdk.ARCHITECTURE
    (root / "cdk.json").write_text(json.dumps(settings), encoding="utf-8")
    yield root
    aws.deployment.client("cloudformation").delete_stack(StackName=STACK)


def test_the_commands_of_the_page_lead_to_a_processed_event(
    aws: Aws, copied: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """Every command succeeds; the report of the tests has the seconds from `herald new` to the decision."""
    environment = cdk.environment(aws.deployment.endpoint or "") | {"HERALD_STATE": str(emulator.STATE)}
    outputs: dict[str, str] = {}
    began = ended = 0.0
    for command in COMMANDS:
        began = time.monotonic() if command.startswith("herald new ") else began
        done = checkout.shell(copied, command, **environment)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        outputs[command] = done.stdout
        ended = time.monotonic() if command.startswith("herald why ") else ended
    (why,) = [text for command, text in outputs.items() if command.startswith("herald why ")]
    shown = " ".join(why.split())
    assert f"{FUNCTION} processed" in shown
    assert "caused log.measured" in shown
    record_testsuite_property("seconds_from_new_to_run", round(ended - began, 1))
