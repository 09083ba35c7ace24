"""The demo: real reports of this project's own tests, written to the local AWS, and what became of each write."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate.waiting import wait
from herald.investigate.why import why
from herald.local import emulator, local
from herald.send import send
from herald.terminal import rendering
from infra.declarations.loader import ROOT

WORK: Final = emulator.STATE / "demo"
SKIPPED: Final = ("herald", "profile_dataset", "receive_webhook", "runtime")  # they take longer than a demo should
COPIED: Final = ("tests", "functions", "infra", "herald", "events")
# One expectation of one test, and what it becomes in the copy whose tests shall fail.
TEST: Final = Path("tests/unit/notify/test_notify.py")
RIGHT: Final = "1 of 3 tests failed: build-118.xml"
WRONG: Final = "all is well"
# Whose decisions are foretold: a function that was added may run on the same writes.
FORETOLD: Final = frozenset({"summarise_test_report", "notify"})

console = Console(stderr=True, emoji=False)


@dataclass(frozen=True)
class Write:
    """One write: what it is, the file, where it goes, and whether its decisions are the expected ones."""

    title: str
    file: Path
    prefix: str
    expected: Callable[[list[dict[str, Any]]], bool]


def main() -> None:
    """Run the demo; exit 1 when a write was not decided as it should be."""
    try:
        green, red = _start_tests("green", ROOT), _start_tests("red", _copy_with_a_failing_test())
        with emulator.alone():
            deployment = local.up("dev", lambda step: console.print(f"· {step}"))
        console.print("· running unit tests of this project, once as they are and once with one made to fail")
        files = {"green": _report(green, "green", 0), "red": _report(red, "red", 1)}
        wrong = [write.title for write in _writes(files) if not _show(deployment, write)]
    except CommandError as error:
        console.print(f"herald: {error}", markup=False)
        sys.exit(1)
    if wrong:
        console.print(f"herald: not decided as expected: {', '.join(wrong)}", markup=False)
        sys.exit(1)
    console.print(
        "\nThe local AWS stays up. `.venv/bin/herald --help` says what to ask it, `herald local down` ends it."
    )


def _writes(files: dict[str, Path]) -> list[Write]:
    broken, notes = WORK / "broken.xml", WORK / "notes.txt"
    content = files["red"].read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    notes.write_text("Not a report, and under no prefix that a function cares for.\n", encoding="utf-8")
    prefix = f"reports/{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
    return [
        Write("a green report", files["green"], prefix, lambda found: _words(found) == ["processed"]),
        Write("a red report", files["red"], prefix, lambda found: _words(found) == ["processed", "processed"]),
        Write("a report cut off in the middle", broken, prefix, lambda found: _words(found) == ["rejected"]),
        Write("the green report again", files["green"], prefix, lambda found: _words(found) == ["processed"] * 2),
        Write("a file outside every prefix", notes, "scratch", lambda found: found == []),
    ]


def _show(deployment: Deployment, write: Write) -> bool:
    """Write one file, wait until it is decided, and show why."""
    out = Console(emoji=False)
    out.rule(f"[bold]{write.title}[/]", align="left")
    subject = send.send_file(deployment, write.file, write.prefix)
    left = wait(deployment, subject, lambda text: console.print(f"· {text}", markup=False))
    if left:
        raise CommandError(left)
    answer = why(deployment, subject)
    out.print(rendering.answer(answer))
    if "rejected" in _words(answer["decisions"]):
        out.print(f"in the dead-letter queue: {_last_letter(deployment)}", markup=False)
    return write.expected(answer["decisions"])


def _words(decisions: list[dict[str, Any]]) -> list[str]:
    """Return every decision in a tree that was foretold, top down."""
    words = []
    for decision in decisions:
        below = [each for effect in decision["effects"] for each in effect["decisions"]]
        words += [decision["decision"]] if decision["function"] in FORETOLD else []
        words += _words(below)
    return words


def _last_letter(deployment: Deployment) -> str:
    """Return what the newest dead letter says of itself, and leave it where it is."""
    reply = deployment.client("sqs").receive_message(
        QueueUrl=deployment.queues["summarise_test_report"]["dead_letters"],
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        VisibilityTimeout=0,
    )
    letters = [json.loads(each["MessageAttributes"]["herald"]["StringValue"]) for each in reply.get("Messages", [])]
    newest = max(letters, key=lambda letter: int(letter["last_at"]))
    return f"{newest['function']}: {newest['error']}: {newest['reason']}"


def _copy_with_a_failing_test() -> Path:
    copy = WORK / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "cdk.json"):
        shutil.copyfile(ROOT / name, copy / name)
    test = copy / TEST
    text = test.read_text(encoding="utf-8")
    test.write_text(text.replace(RIGHT, WRONG), encoding="utf-8")
    return copy


def _start_tests(name: str, directory: Path) -> subprocess.Popen[bytes]:
    report = WORK / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    skipped = [f"--ignore=tests/unit/{folder}" for folder in SKIPPED]
    command = [sys.executable, "-m", "pytest", "tests/unit", "-q", "-p", "no:cacheprovider", *skipped]
    command.append(f"--junitxml={report}")
    log = (WORK / f"{name}.log").open("wb")
    return subprocess.Popen(
        command, cwd=directory, env=os.environ | {"PYTHONPATH": str(directory)}, stdout=log, stderr=log
    )


def _report(tests: subprocess.Popen[bytes], name: str, expected: int) -> Path:
    """Wait for a run of the tests; pytest exits 0 when all passed and 1 when some failed."""
    if tests.wait() != expected:
        raise CommandError(
            f"the {name} run of the unit tests exited with {tests.returncode}; see {WORK / f'{name}.log'}"
        )
    return WORK / f"{name}.xml"


if __name__ == "__main__":
    main()
