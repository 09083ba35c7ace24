"""A team adds a folder and a sample, and nothing else."""

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from herald import emulator
from infra.catalog import ROOT
from tests import checkout
from tests.emulator.conftest import Aws

TOML: Final = """
description = "Count the lines of a log."
owner = "newcomers"

[trigger]
samples = ["aws.s3/object_created.newcomer"]
[trigger.pattern]
source = ["aws.s3"]
detail-type = ["Object Created"]
detail.bucket.name = ["${bucket.outputs}"]
detail.object.key = [{ prefix = "newcomers/" }]

[access]
read = ["bucket.outputs/newcomers/*"]
write = ["bucket.artifacts/newcomers/*"]
"""
HANDLER: Final = '''
"""Lines of a log."""

from functions.runtime import Event, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Count them."""
    lines = run.read(event).splitlines()
    run.write("artifacts", "newcomers/lines.json", b"%d" % len(lines), content_type="application/json")
'''


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Copy the repository."""
    return checkout.copy(tmp_path)


def herald(copied: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the copy's own command line against the emulator of these tests."""
    command = ("-c", "from herald.cli import main; main()", *arguments)
    return checkout.python(copied, *command, HERALD_STATE=str(emulator.STATE))


def test_a_folder_and_a_sample_deploy_and_run(aws: Aws, copied: Path) -> None:
    """`herald local up` deploys the new function beside the others, and a write runs it."""
    folder = copied / "functions" / "newcomer"
    folder.mkdir()
    (folder / "function.toml").write_text(TOML, encoding="utf-8")
    (folder / "handler.py").write_text(HANDLER, encoding="utf-8")
    sample = json.loads((ROOT / "events/aws.s3/object_created.report.json").read_bytes())
    sample["detail"]["object"]["key"] = "newcomers/today.log"
    (copied / "events/aws.s3/object_created.newcomer.json").write_text(json.dumps(sample), encoding="utf-8")

    up = herald(copied, "local", "up")
    assert up.returncode == 0, up.stderr
    log = copied / "today.log"
    log.write_text("one\ntwo\nthree\n", encoding="utf-8")
    sent = herald(copied, "send", str(log), "--to", "newcomers/")
    assert sent.returncode == 0, sent.stderr
    subject = sent.stdout.strip()
    assert subject == f"s3://{aws.deployment.bucket('outputs')}/newcomers/today.log"
    asked = herald(copied, "why", subject, "--wait", "--json")
    assert asked.returncode == 0, asked.stderr
    (decision,) = json.loads(asked.stdout)["decisions"]
    assert (decision["function"], decision["decision"]) == ("newcomer", "processed")
    assert decision["why"]["description"] == "Count the lines of a log."
    assert aws.content(decision) == b"3"


def test_a_wrong_declaration_ends_the_deploy_with_its_sentence(aws: Aws, copied: Path) -> None:  # noqa: ARG001 - deployed
    """No traceback and no hang: the file, the key, and what was meant."""
    declaration = copied / "functions" / "notify" / "function.toml"
    declaration.write_text(declaration.read_text(encoding="utf-8").replace("memory_mb", "memory"), encoding="utf-8")
    up = herald(copied, "local", "up")
    assert up.returncode == 1
    assert "functions/notify/function.toml: unknown key 'memory'; did you mean 'memory_mb'?" in up.stderr
    assert "Traceback" not in up.stderr


def test_a_function_for_devices_runs_on_its_sample(aws: Aws, copied: Path) -> None:
    """What `herald new` writes for a topic deploys as it is; its sample, published, comes by AWS IoT's rule."""
    written = herald(
        copied,
        "new",
        "sprout_status",
        "--on",
        "iot:sprouts/+/status",
        "--emit",
        "reading.taken",
        "--owner",
        "newcomers",
    )
    assert written.returncode == 0, written.stderr
    up = herald(copied, "local", "up")
    assert up.returncode == 0, up.stderr
    sent = herald(copied, "send", "--event", "events/aws.iot/iot_message.sprout_status.json")
    assert (sent.returncode, sent.stdout.strip()) == (0, "device/7"), sent.stderr
    (decision,) = aws.decisions("device/7")
    assert (decision["function"], decision["decision"]) == ("sprout_status", "processed")
    assert [effect["type"] for effect in decision["effects"]] == ["reading.taken"]
