"""A team adds a folder and a sample, and nothing else."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from herald.local import emulator
from infra.declarations.loader import ROOT
from tests import checkout
from tests.emulator.deployed import Aws
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


WANTED: Final = {"source": ["aws.garden"], "detail-type": ["Plant Sprouted"]}  # which no function of a team listens to
WRITTEN: Final = (
    ("sprout_status", "--on", "iot:sprouts/+/status", "--emit", "reading.taken"),
    ("sprout_requests", "--on", "http", "--emit", "reading.taken"),
    ("sprout_readings", "--on", "reading.taken"),
    ("sprout_instances", "--on", "wanted.json"),
)


@pytest.fixture(scope="module")
def copied(aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Copy the repository; add a function by hand and others by `herald new`; deploy them for as long as this lasts."""
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


def herald(copied: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the copy's own command line against the emulator of these tests."""
    command = ("-c", "from herald.cli import main; main()", *arguments)
    return checkout.python(copied, *command, HERALD_STATE=str(emulator.STATE))


def answer(copied: Path, *arguments: str) -> str:
    """Return what a command says that must succeed."""
    done = herald(copied, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_folder_and_a_sample_deploy_and_run(aws: Aws, copied: Path) -> None:
    """`herald local up` deploys the new function beside the others, and a write runs it."""
    log = copied / "today.log"
    log.write_text("one\ntwo\nthree\n", encoding="utf-8")
    subject = answer(copied, "send", str(log), "--to", "newcomers/")
    assert subject == f"s3://{aws.deployment.bucket('outputs')}/newcomers/today.log"
    (decision,) = json.loads(answer(copied, "why", subject, "--wait", "--json"))["decisions"]
    assert (decision["function"], decision["decision"]) == ("newcomer", "processed")
    assert decision["why"]["description"] == "Count the lines of a log."
    assert aws.content(decision) == b"3"


def test_a_wrong_declaration_ends_the_deploy_with_its_sentence(aws: Aws, tmp_path: Path) -> None:  # noqa: ARG001 - deployed
    """No traceback and no hang: the file, the key, and what was meant."""
    root = checkout.copy(tmp_path)
    declaration = root / "functions" / "notify" / "function.toml"
    declaration.write_text(declaration.read_text(encoding="utf-8").replace("memory_mb", "memory"), encoding="utf-8")
    up = herald(root, "local", "up")
    assert up.returncode == 1
    assert "functions/notify/function.toml: unknown key 'memory'; did you mean 'memory_mb'?" in up.stderr
    assert "Traceback" not in up.stderr


def test_a_new_function_for_devices_runs_on_its_sample(aws: Aws, copied: Path) -> None:
    """What `herald new` writes for a topic deploys as it is; its sample, published, comes by AWS IoT's rule."""
    assert answer(copied, "send", "--event", "events/aws.iot/iot_message.sprout_status.json") == "device/7"
    (decision,) = aws.decisions("device/7")
    assert (decision["function"], decision["decision"]) == ("sprout_status", "processed")
    assert [effect["type"] for effect in decision["effects"]] == ["reading.taken"]


def test_a_new_function_for_requests_takes_signed_ones_alone(aws: Aws, copied: Path) -> None:
    """Its sample, signed with a key that is made for it, becomes an event; what nobody signed runs nothing."""
    assert answer(copied, "send", "--event", "events/http/sprout_requests.json") == "reading/42"
    (decision,) = aws.decisions("reading/42")
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
            urllib.request.urlopen(asked, timeout=30)  # noqa: S310 - as above
        assert refused.value.code == expected


def test_a_new_function_for_events_of_aws_runs_on_its_sample(aws: Aws, copied: Path) -> None:
    """No bus takes it from us: it is handed to the queue, and the answer says so."""
    (sample,) = (copied / "events/aws.garden").glob("*.sprout_instances.json")
    sent = herald(copied, "send", "--event", str(sample))
    assert "handed to sprout_instances, as a rule would" in sent.stderr
    (decision,) = aws.decisions(sent.stdout.strip())
    assert (decision["function"], decision["decision"]) == ("sprout_instances", "processed")
