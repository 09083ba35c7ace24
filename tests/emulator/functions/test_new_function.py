"""A team adds a function with one folder and one sample."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from herald.local import emulator
from infra.declarations.loader import ROOT
from tests import checkout
from tests.emulator.support.deployed import Aws
from tests.webhooks import generic

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


WANTED: Final = {"source": ["aws.garden"], "detail-type": ["Plant Sprouted"]}  # no function has a pattern for it
WRITTEN: Final = (
    ("sprout_status", "--on", "iot:sprouts/+/status", "--emit", "reading.taken"),
    ("sprout_requests", "--on", "http", "--emit", "reading.taken"),
    ("sprout_readings", "--on", "reading.taken"),
    ("sprout_instances", "--on", "wanted.json"),
)


@pytest.fixture(scope="module")
def copied(aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Copy the repository, add functions by hand and with `herald new`, deploy them, and delete them at the end."""
    root = checkout.copy(tmp_path_factory.mktemp("grown"))
    folder = root / "functions" / "newcomer"
    folder.mkdir()
    (folder / "function.toml").write_text(TOML, encoding="utf-8")
    (folder / "handler.py").write_text(HANDLER, encoding="utf-8")
    sample = json.loads((ROOT / "events/aws.s3/object_created.report.json").read_bytes())
    sample["detail"]["object"]["key"] = "newcomers/today.log"
    (root / "events/aws.s3/object_created.newcomer.json").write_text(json.dumps(sample), encoding="utf-8")
    (root / "wanted.json").write_text(json.dumps(WANTED), encoding="utf-8")
    for arguments in WRITTEN:
        answer(root, "new", *arguments, "--owner", "newcomers")
    answer(root, "local", "up")
    yield root
    aws.deployment.client("cloudformation").delete_stack(StackName="herald-dev-functions-newcomers")


@pytest.fixture
def grown(aws: Aws) -> Aws:
    """Select the decisions of the new functions."""
    return replace(aws, functions=frozenset(name for name, *_ in WRITTEN))


def herald(copied: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the copy on the emulator of these tests."""
    command = ("-c", "from herald.cli import main; main()", *arguments)
    return checkout.python(copied, *command, HERALD_STATE=str(emulator.STATE))


def answer(copied: Path, *arguments: str) -> str:
    """Run a command of the copy, expect exit code 0, and return its output."""
    done = herald(copied, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_folder_and_a_sample_deploy_and_run(aws: Aws, copied: Path) -> None:
    """`herald local up` deploys the new function, and a write runs it."""
    log = copied / "today.log"
    log.write_text("one\ntwo\nthree\n", encoding="utf-8")
    subject = answer(copied, "send", str(log), "--to", "newcomers/")
    assert subject == f"s3://{aws.deployment.bucket('outputs')}/newcomers/today.log"
    (decision,) = json.loads(answer(copied, "why", subject, "--wait", "--json"))["decisions"]
    assert (decision["function"], decision["decision"]) == ("newcomer", "processed")
    assert decision["why"]["description"] == "Count the lines of a log."
    assert aws.content(decision) == b"3"


@pytest.mark.usefixtures("aws")
def test_an_invalid_declaration_ends_the_deployment_with_an_error(tmp_path: Path) -> None:
    """The message names the file, the key and the likely key, without a traceback."""
    root = checkout.copy(tmp_path)
    declaration = root / "functions" / "notify" / "function.toml"
    declaration.write_text(declaration.read_text(encoding="utf-8").replace("memory_mb", "memory"), encoding="utf-8")
    up = herald(root, "local", "up")
    assert up.returncode == 1
    assert "functions/notify/function.toml: unknown key 'memory'; did you mean 'memory_mb'?" in up.stderr
    assert "Traceback" not in up.stderr


def test_a_new_function_for_devices_runs_on_its_sample(grown: Aws, copied: Path) -> None:
    """The output of `herald new` deploys without changes; the published sample passes the AWS IoT rule."""
    assert answer(copied, "send", "--event", "events/aws.iot/iot_message.sprout_status.json") == "device/7"
    (decision,) = grown.decisions("device/7")
    assert (decision["function"], decision["decision"]) == ("sprout_status", "processed")
    assert [effect["type"] for effect in decision["effects"]] == ["reading.taken"]


def test_a_new_function_for_requests_accepts_only_signed_requests(aws: Aws, grown: Aws, copied: Path) -> None:
    """The sample, signed with a generated key, becomes an event; unsigned requests run nothing."""
    assert answer(copied, "send", "--event", "events/http/sprout_requests.json") == "reading/42"
    (decision,) = grown.decisions("reading/42")
    assert (decision["function"], decision["decision"]) == ("sprout_readings", "processed")
    assert decision["who"]["requester"] == "herald.sprout_requests"
    status = json.loads(answer(copied, "local", "status", "--json"))
    vault, own = aws.deployment.client("secretsmanager"), status["own_secrets"]["sprout_requests"]
    assert json.loads(vault.get_secret_value(SecretId=own)["SecretString"]).keys() >= {"sprout_requests"}
    shared = vault.get_secret_value(SecretId=status["secrets"]["webhooks"])["SecretString"]
    assert "sprout_requests" not in shared
    url = status["endpoints"]["sprout_requests"]
    for headers, expected in (({}, 400), (generic(b"{}", "whsec_" + "A" * 32, at=int(time.time())), 403)):
        asked = urllib.request.Request(f"{url}/x", b"{}", {"Content-Type": "application/json", **headers})  # noqa: S310 - a loopback address
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked, timeout=30)  # noqa: S310 - a loopback address
        assert refused.value.code == expected


def test_a_new_function_for_events_of_aws_runs_on_its_sample(grown: Aws, copied: Path) -> None:
    """Events from `aws.*` cannot be put on a bus: locally the command puts the event into the queue, and says so."""
    (sample,) = (copied / "events/aws.garden").glob("*.sprout_instances.json")
    sent = herald(copied, "send", "--event", str(sample))
    assert "sent to sprout_instances, as a rule does" in sent.stderr
    (decision,) = grown.decisions(sent.stdout.strip())
    assert (decision["function"], decision["decision"]) == ("sprout_instances", "processed")
