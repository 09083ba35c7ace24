"""Incidents with services, permissions and settings that are at fault."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from functions.runtime.core.lineage import DEPTH_LIMIT
from herald.deployment import switch
from herald.local import emulator
from tests.emulator.incidents import examples_of_operation as examples
from tests.emulator.incidents.incident import investigate, mend
from tests.emulator.support.commands import run
from tests.emulator.support.deployed import Aws
from tests.emulator.support.iot import pack, publish, unreachable_queue
from tests.emulator.support.proxy import Proxy, Rule
from tests.emulator.support.reports import GREEN, REPORTS

SECONDS: Final = 30
SLOW_DOWN: Final[Rule] = {"service": "s3", "operation": "PutObject", "error": {"code": "SlowDown", "status": 503}}
# The message of S3 for a role without the permission. Source: "Troubleshoot access denied (403 Forbidden) errors in
# Amazon S3", Amazon S3 User Guide. test_permissions.py removes the permission on a local AWS that enforces IAM.
REFUSAL: Final = (
    "User: arn:aws:sts::000000000000:assumed-role/herald-dev-summarise_test_report/herald-dev-summarise_test_report is "
    'not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::outputs/reports/denied.xml" because no '
    "identity-based policy allows the s3:GetObject action"
)
DENIED: Final[Rule] = {
    "service": "s3",
    "operation": "GetObject",
    "error": {"code": "AccessDenied", "status": 403, "message": REFUSAL},
}


@pytest.fixture
def no_faults(proxy: Proxy) -> Iterator[None]:
    """Reset the proxy before and after a test."""
    proxy.reset()
    yield
    proxy.reset()


@pytest.mark.usefixtures("no_faults")
def test_a_broken_downstream(aws: Aws, proxy: Proxy) -> None:
    """After the outage the function is resumed, and the run that failed is processed."""
    proxy.let_fail(SLOW_DOWN)
    subject = aws.put("reports/downstream.xml", GREEN)
    investigate(examples.DOWNSTREAM)
    assert run("pause", REPORTS).exit_code == 0
    proxy.reset()
    mend(examples.DOWNSTREAM)
    (decision,) = aws.decisions(subject)
    assert decision["decision"] == "processed"
    assert decision["attempt"] > 1


@pytest.mark.usefixtures("no_faults")
def test_a_missing_grant(aws: Aws, proxy: Proxy) -> None:
    """After the permission is granted, the next attempt succeeds."""
    proxy.let_fail(DENIED)
    aws.put("reports/denied.xml", GREEN)
    investigate(examples.GRANT)
    proxy.reset()
    assert "summarise_test_report processed" in mend(examples.GRANT)


@pytest.mark.usefixtures("no_faults")
def test_a_stuck_run(aws: Aws, proxy: Proxy) -> None:
    """A run without a message never ends; the repair delivers its event from the journal."""
    proxy.let_fail(SLOW_DOWN)
    subject = aws.put("reports/stuck.xml", GREEN)
    assert emulator.wait_until(
        lambda: [each["decision"] for each in aws.history().decisions(subject)] == ["retrying"], SECONDS
    )
    switch.pause(aws.deployment, REPORTS)
    aws.deployment.client("sqs").purge_queue(QueueUrl=aws.deployment.queues[REPORTS]["queue"])
    proxy.reset()
    switch.resume(aws.deployment, REPORTS)
    investigate(examples.STUCK)
    assert "1 event was delivered again." in mend(examples.STUCK)
    (decision,) = aws.decisions(subject)
    assert decision["decision"] == "processed"


def written_by_a_run(aws: Aws, key: str, depth: int) -> dict[str, str]:
    """Wait until a run has written an object with this depth; return its metadata."""
    s3, bucket, found = aws.deployment.client("s3"), aws.deployment.bucket("artifacts"), dict[str, str]()

    def is_written() -> bool:
        if s3.list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"]:
            found.update(s3.head_object(Bucket=bucket, Key=key)["Metadata"])
        return found.get("depth") == str(depth)

    assert emulator.wait_until(is_written, SECONDS), found
    return found


def test_a_loop(aws: Aws) -> None:
    """The chain ends at the limit: the last report has no summary. After the job has stopped, nothing is left."""
    s3, bucket, key = aws.deployment.client("s3"), aws.deployment.bucket("outputs"), "reports/loop.xml"
    metadata: dict[str, str] = {}
    for depth in range(1, DEPTH_LIMIT + 2):
        s3.put_object(Bucket=bucket, Key=key, Body=GREEN, Metadata=metadata)
        metadata = written_by_a_run(aws, f"{key}.json", depth)
    s3.put_object(Bucket=bucket, Key=key, Body=GREEN, Metadata=metadata)
    investigate(examples.LOOP)
    assert "1 dead letter deleted." in mend(examples.LOOP)
    assert aws.versions(key) == {f"{key}.json": DEPTH_LIMIT + 1}
    assert not aws.waiting(REPORTS)


def test_a_function_that_did_not_run(aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the report is written to the right prefix, the function runs."""
    aws.put("report/misplaced.xml", GREEN)
    investigate(examples.NOT_RUN)
    (tmp_path / "misplaced.xml").write_bytes(GREEN)
    monkeypatch.chdir(tmp_path)
    mend(examples.NOT_RUN)
    (decision,) = aws.decisions(f"s3://{aws.deployment.bucket('outputs')}/reports/misplaced.xml")
    assert decision["decision"] == "processed"


def test_an_undelivered_event(aws: Aws) -> None:
    """After the rule is deployed again, the message is redriven and the reading is processed."""
    with unreachable_queue(aws):
        subject = publish(aws, "undelivered", pack(3))
    investigate(examples.UNDELIVERED)
    assert "1 dead letter redriven." in mend(examples.UNDELIVERED)
    (decision,) = aws.decisions(subject)
    assert decision["decision"] == "processed"


def test_a_paused_function_that_was_forgotten(aws: Aws) -> None:
    """After it is resumed, the event that waited is processed on its first attempt."""
    assert run("pause", REPORTS).exit_code == 0
    try:
        subject = aws.put("reports/waiting.xml", GREEN)
        investigate(examples.PAUSED)
    finally:
        mend(examples.PAUSED)
    (decision,) = aws.decisions(subject)
    assert (decision["decision"], decision["attempt"]) == ("processed", 1)
