"""`herald why` names place and error of a function that cannot start, and `--wait` does not wait for it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from herald.check import starts
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate import waiting
from herald.local import emulator
from tests.unit.herald.investigate.installation import FILE, enqueue, not_run, run, settled, totalled

ERROR: Final = "[ERROR] Runtime.ImportModuleError: Unable to import module 'h': No module named 'x'\nTraceback"
CHECKED: Final = "functions/book/handler.py:3: ModuleNotFoundError: No module named 'x'"
GROUP: Final = "/aws/lambda/herald-dev-book"


@pytest.fixture
def log(deployment: Deployment) -> Callable[[str], None]:
    """Return a function that writes an error of `book` to its log group; its queue holds the event of `total`."""
    totalled(deployment)
    enqueue(deployment, "book")
    logs = deployment.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="s")

    def write(message: str) -> None:
        event = {"timestamp": int(time.time() * 1000), "message": message}
        logs.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=[event])

    return write


def test_waiting_ends_when_the_log_has_the_error(log: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is far away; the error names the function, its failure and the command for its log."""
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 60)
    log(ERROR)
    before = time.monotonic()
    asked = run("why", FILE, "--wait")
    assert time.monotonic() - before < 30
    assert asked.exit_code == 1
    assert isinstance(asked.exception, CommandError)
    assert str(asked.exception) == (
        f"{FILE}: book cannot start: Runtime.ImportModuleError: Unable to import module 'h': No module named 'x'; "
        f"see its log with `aws logs tail {GROUP} --since 1h --region us-east-1`"
    )
    assert "book has not run" in asked.stdout


def test_other_functions_are_awaited(
    deployment: Deployment, log: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open run of another function counts until the deadline."""
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 1)
    log(ERROR)
    settled(deployment, FILE, "total", {"id": "2", "type": "Object Created"}, decision="retrying")
    assert "still waiting for total (retrying)" in str(run("why", FILE, "--wait").exception)


def test_an_error_before_the_last_change_of_the_function_does_not_count(
    log: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change may have repaired it."""
    log(ERROR)
    monkeypatch.setattr(functions, "last_modified", lambda *_: datetime.now(UTC) + timedelta(seconds=5))
    assert not_run()["book"].endswith(f"errors before a run are logged in {GROUP}")
    assert "still waiting for book (its queue is not empty)" in str(run("why", FILE, "--wait").exception)


def test_a_traceback_in_the_log_has_the_place(log: Callable[[str], None]) -> None:
    """Lambda logs it for all errors except import errors."""
    frames = ("/var/runtime/bootstrap.py", "/var/task/functions/book/handler.py", "/var/task/functions/book/logic.py")
    lines = [f'\xa0\xa0File "{name}", line {number}, in <module>' for number, name in enumerate(frames, 7)]
    log("\r".join(["[ERROR] KeyError: 'RATE'", "Traceback (most recent call last):", *lines]))
    assert (
        f"fails before it handles an event: functions/book/logic.py:9: KeyError: 'RATE' ({GROUP})" in not_run()["book"]
    )


@pytest.mark.parametrize(("fault", "shown"), [(CHECKED, CHECKED), (CHECKED.replace("'x'", "'y'"), "Runtime.Import")])
def test_the_checkout_has_the_place_of_an_import_error(
    log: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, fault: str, shown: str
) -> None:
    """It counts only if the handler of the checkout fails with the same error."""
    monkeypatch.setattr(starts, "faults", lambda *_: iter([f"{fault}{starts.NOT_IMPORTED}"]))
    log(ERROR)
    reason = not_run()["book"]
    assert f"its code fails before it handles an event: {shown}" in reason
    assert starts.NOT_IMPORTED not in reason


def test_the_local_log_has_the_command_and_the_end_of_the_process(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The emulator logs in local time."""
    now = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S},000"
    line = f"{now} ERROR [lambda] Warm worker execution error for herald-dev-book: Worker process exited immediately."
    (tmp_path / "emulator.log").write_text(f"{line} stderr: \n", encoding="utf-8")
    monkeypatch.setattr(emulator, "STATE", tmp_path)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    monkeypatch.setattr(functions, "last_modified", lambda *_: hour_ago)
    assert deployment.client("sqs")
    assert deployment.client("dynamodb")
    object.__setattr__(deployment, "endpoint", "http://127.0.0.1:1")
    totalled(deployment)
    enqueue(deployment, "book")
    assert str(run("why", FILE, "--wait").exception) == (
        f"{FILE}: book cannot start: Worker process exited immediately; "
        f"see its log with `grep herald-dev-book {tmp_path}/emulator.log`"
    )
