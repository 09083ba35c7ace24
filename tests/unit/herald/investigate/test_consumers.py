"""`herald why` names the functions that have not run on an event, with the reasons."""

import json
import time
from pathlib import Path

import pytest

from herald.deployment.deployment import Deployment
from herald.local import emulator
from tests.unit.herald.investigate.installation import (
    FILE,
    enqueue,
    journalled,
    not_run,
    now_ms,
    run,
    settled,
    totalled,
)


@pytest.mark.parametrize(("total", "names"), [(1, {"book"}), (1_000, {"book", "warn"})])
def test_a_function_that_has_not_run_is_named_below_the_effect(
    deployment: Deployment, total: int, names: set[str]
) -> None:
    """The event in the journal decides whether its whole pattern matches."""
    totalled(deployment)
    journalled(deployment, total)
    assert not_run().keys() == names
    shown = run("why", FILE).stdout
    assert ("warn has not run: its pattern matches, but no run has begun" in shown) is ("warn" in names)
    assert shown.index("caused invoice.totalled about invoice/7") < shown.index("book has not run")


def test_a_function_that_has_run_is_not_named(deployment: Deployment) -> None:
    """A function with a pattern that does not match the event is not named either."""
    totalled(deployment)
    journalled(deployment, 1)
    settled(deployment, "invoice/7", "book", {"id": "e7", "type": "invoice.totalled"})
    assert not_run() == {}


def test_the_startup_error_is_the_reason(deployment: Deployment) -> None:
    """Lambda logs the error; without a logged error the reason names the log."""
    totalled(deployment)
    enqueue(deployment, "book")
    held = "its pattern matches, but no run has begun, and its queue holds 1 message: "
    assert not_run()["book"] == f"{held}errors before a run are logged in /aws/lambda/herald-dev-book"
    logs, group = deployment.client("logs"), "/aws/lambda/herald-dev-book"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    text = "[ERROR] Runtime.ImportModuleError: Unable to import module 'h': No module named 'x'\nTraceback"
    event = {"timestamp": int(time.time() * 1000), "message": text}
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])
    fault = "Runtime.ImportModuleError: Unable to import module 'h': No module named 'x'"
    assert not_run()["book"] == f"{held}its code fails before it handles an event: {fault} ({group})"


def test_the_reason_depends_on_where_the_event_is(deployment: Deployment) -> None:
    """It may not have reached the queue yet, be in the dead-letter queue, be lost, or be too old."""
    totalled(deployment)
    assert not_run()["book"].endswith("no run has begun: the event may not have reached its queue yet")
    assert not_run()["warn"].startswith("its pattern may match (the journal does not have the event), but no run")
    totalled(deployment, settled_at=now_ms() - 3_600_000)
    assert "its queue is empty: its pattern was deployed after the event" in not_run()["book"]
    assert "warn" not in not_run(), "its pattern needs data that the journal no longer has"
    totalled(deployment, settled_at=now_ms() - 43 * 86_400_000)
    assert not_run()["book"].endswith("the ledger keeps runs for 42 days, and the event is older")
    enqueue(deployment, "book", "dead_letters")
    assert not_run()["book"].endswith("its dead-letter queue holds 1 message: `herald dlq list --function book`")
    del deployment.all_queues["book"]
    assert not_run()["book"] == "its pattern matches, but it is not deployed"


def test_an_object_that_a_run_wrote_has_consumers_too(deployment: Deployment) -> None:
    """The current object decides; a second function of the file itself is named beside the first."""
    deployment.client("s3").put_object(Bucket="totals", Key="7", Body=b"7")
    deployment.client("s3").put_object(Bucket="invoices", Key="in/7.json", Body=b"7")
    written = {"kind": "object", "subject": "s3://totals/7"}
    settled(deployment, FILE, "elsewhere", {"id": "1", "type": "Object Created"}, written)
    answer = json.loads(run("why", FILE, "--json").stdout)
    assert [each["function"] for each in answer["decisions"][0]["effects"][0]["not_run"]] == ["archive"]
    assert [each["function"] for each in answer["not_run"]] == ["total"]
    assert "total has not run: its pattern matches" in run("why", FILE).stdout


@pytest.mark.parametrize(
    ("subject", "names"),
    [
        ("customer/404", "warn, book, greet, forget"),
        ("order/404", "warn, book, greet"),
        ("s3://invoices/in/404", "total, warn, book, greet"),
        ("s3://invoices/out/404", "warn, book, greet"),
        ("s3://totals/404", "archive, warn, book, greet"),
        ("device/404", "warn, book, greet, measure"),
    ],
)
def test_only_queues_that_may_hold_an_event_of_the_subject_are_named(
    deployment: Deployment, subject: str, names: str
) -> None:
    """All queues hold messages; only patterns that an event of the subject could match count."""
    for function in deployment.queues:
        enqueue(deployment, function)
    asked = run("why", subject)
    assert asked.exit_code == 1
    assert str(asked.exception).endswith(f"; the queues of these functions may hold its event: {names}")


def test_the_log_of_the_emulator_has_the_startup_error(
    deployment: Deployment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last error of the function is the reason."""
    lines = [
        f"2026-11-28 12:00:00,123 ERROR [lambda] Warm worker execution error for {name}: Worker init failed: {fault}"
        for name, fault in (
            ("herald-dev-book", "old"),
            ("herald-dev-book", "No module named 'x'"),
            ("herald-dev-booking", "other"),
        )
    ]
    (tmp_path / "emulator.log").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(emulator, "STATE", tmp_path)
    object.__setattr__(deployment, "endpoint", "http://127.0.0.1:1")
    assert deployment.client("sqs")
    totalled(deployment)
    enqueue(deployment, "book")
    assert f"No module named 'x' ({tmp_path}/emulator.log)" in not_run()["book"]
