"""The page that says how to add a function, followed to the letter in a copy of the repository."""

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
from tests.emulator.deployed import Aws

PAGE: Final = ROOT / "docs" / "add-a-function.md"
# The page ends by destroying its owner's stack, in which a team of that name may have functions of its own.
TEXT: Final = PAGE.read_text(encoding="utf-8").replace("observability", "followers-of-the-page")
COMMANDS: Final = re.findall(r"^    (\S.*)$", TEXT, re.MULTILINE)
FUNCTION: Final = "measure_logs"
STACK: Final = "herald-dev-functions-followers-of-the-page"
RAN_SECONDS: Final = 60


@pytest.fixture
def copied(aws: Aws, tmp_path: Path) -> Iterator[Path]:
    """Copy the repository, without what the page adds to it; afterwards its stack is gone."""
    root = checkout.copy(tmp_path)
    for path in [*root.rglob(f"*{FUNCTION}*"), root / "events" / "log.measured"]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    # `herald local up` builds for this machine; so shall the CDK's own commands, or they would deploy another layer.
    cdk = json.loads((root / "cdk.json").read_bytes())
    cdk["context"]["architecture"] = cdk.ARCHITECTURE
    (root / "cdk.json").write_text(json.dumps(cdk), encoding="utf-8")
    yield root
    aws.deployment.client("cloudformation").delete_stack(StackName=STACK)


def test_the_page_leads_from_nothing_to_a_function_that_ran(
    aws: Aws, copied: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """Every command on it succeeds; from `herald new` to a decision about a real event it takes at most a minute."""
    surroundings = cdk.environment(aws.deployment.endpoint or "") | {"HERALD_STATE": str(emulator.STATE)}
    said: dict[str, str] = {}
    began = ended = 0.0
    for command in COMMANDS:
        began = time.monotonic() if command.startswith("herald new ") else began
        done = checkout.shell(copied, command, **surroundings)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        said[command] = done.stdout
        ended = time.monotonic() if command.startswith("herald why ") else ended
    (told,) = [text for command, text in said.items() if command.startswith("herald why ")]
    words = " ".join(told.split())
    assert f"{FUNCTION} processed" in words
    assert "caused log.measured" in words
    record_testsuite_property("seconds_from_new_to_run", round(ended - began, 1))
    assert 0 < ended - began <= RAN_SECONDS
