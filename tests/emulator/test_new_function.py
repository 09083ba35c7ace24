"""A team adds a folder and a sample, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from herald import emulator
from infra.catalog import ROOT
from tests.emulator.conftest import Aws

TOML: Final = """
description = "Count the lines of a log."
owner = "newcomers"

[trigger]
samples = ["aws.s3/object_created.log"]
[trigger.pattern]
source = ["aws.s3"]
detail-type = ["Object Created"]
detail.bucket.name = ["${bucket.outputs}"]
detail.object.key = [{ prefix = "logs/" }]

[access]
read = ["bucket.outputs/logs/*"]
write = ["bucket.artifacts/logs/*"]
"""
HANDLER: Final = '''
"""Lines of a log."""

from functions.runtime import Event, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Count them."""
    lines = run.read(event).splitlines()
    run.write("artifacts", "logs/lines.json", b"%d" % len(lines), content_type="application/json")
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy the repository, with the environments it stands on."""
    for name in ("functions", "infra", "herald", "events", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "cdk.json"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    for name in (".venv", "node_modules"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def herald(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the copy's own command line against the emulator of these tests."""
    environment = os.environ | {"PYTHONPATH": str(checkout), "HERALD_STATE": str(emulator.STATE)}
    return subprocess.run(
        [sys.executable, "-c", "from herald.cli import main; main()", *arguments],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_folder_and_a_sample_deploy_and_run(aws: Aws, checkout: Path) -> None:
    """`herald local up` deploys the new function beside the others, and a write runs it."""
    folder = checkout / "functions" / "count_lines"
    folder.mkdir()
    (folder / "function.toml").write_text(TOML, encoding="utf-8")
    (folder / "handler.py").write_text(HANDLER, encoding="utf-8")
    sample = json.loads((ROOT / "events/aws.s3/object_created.report.json").read_bytes())
    sample["detail"]["object"]["key"] = "logs/today.log"
    (checkout / "events/aws.s3/object_created.log.json").write_text(json.dumps(sample), encoding="utf-8")

    up = herald(checkout, "local", "up")
    assert up.returncode == 0, up.stderr
    log = checkout / "today.log"
    log.write_text("one\ntwo\nthree\n", encoding="utf-8")
    sent = herald(checkout, "send", str(log), "--to", "logs/")
    assert sent.returncode == 0, sent.stderr
    subject = sent.stdout.strip()
    assert subject == f"s3://{aws.deployment.bucket('outputs')}/logs/today.log"
    asked = herald(checkout, "why", subject, "--wait", "--json")
    assert asked.returncode == 0, asked.stderr
    (decision,) = json.loads(asked.stdout)["decisions"]
    assert (decision["function"], decision["decision"]) == ("count_lines", "processed")
    assert decision["why"]["description"] == "Count the lines of a log."
    assert aws.content(decision) == b"3"


def test_a_wrong_declaration_ends_the_deploy_with_its_sentence(aws: Aws, checkout: Path) -> None:  # noqa: ARG001 - deployed
    """No traceback and no hang: the file, the key, and what was meant."""
    declaration = checkout / "functions" / "notify" / "function.toml"
    declaration.write_text(declaration.read_text(encoding="utf-8").replace("memory_mb", "memory"), encoding="utf-8")
    up = herald(checkout, "local", "up")
    assert up.returncode == 1
    assert "functions/notify/function.toml: unknown key 'memory'; did you mean 'memory_mb'?" in up.stderr
    assert "Traceback" not in up.stderr
