"""The demo: deploys to the local AWS, writes reports of this project's own tests, and shows the decision on each."""

import json
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
SKIPPED: Final = ("herald", "profile_dataset", "receive_webhook", "runtime")  # these tests take too long for a demo
GREEN: Final = ("tests/unit", *(f"--ignore=tests/unit/{folder}" for folder in SKIPPED))
RED: Final = ("tests/unit/notify", "herald/local/demo_failure.py")
# The demo checks the decisions of these functions only: other functions may run on the same writes.
CHECKED: Final = frozenset({"summarise_test_report", "notify"})

console = Console(stderr=True, emoji=False)


@dataclass(frozen=True)
class Write:
    """One write of a file: its title, the file, the prefix of its key, and a check of its decisions."""

    title: str
    file: Path
    prefix: str
    expected: Callable[[list[dict[str, Any]]], bool]


def main() -> None:
    """Run the demo; exit 1 when a decision is not the expected one."""
    try:
        green, red = _start_tests("green", GREEN), _start_tests("red", RED)
        with emulator.alone():
            deployment = local.up("dev", lambda step: console.print(f"· {step}"))
        console.print("· running unit tests of this project, and a test that fails")
        files = {"green": _report(green, "green", 0), "red": _report(red, "red", 1)}
        wrong = [write.title for write in _writes(files) if not _show(deployment, write)]
    except CommandError as error:
        console.print(f"herald: {error}", markup=False)
        sys.exit(1)
    if wrong:
        console.print(f"herald: unexpected decisions: {', '.join(wrong)}", markup=False)
        sys.exit(1)
    console.print(
        "\nThe local AWS keeps running. `.venv/bin/herald --help` lists the commands; `herald local down` stops it."
    )


def _writes(files: dict[str, Path]) -> list[Write]:
    broken, notes = WORK / "broken.xml", WORK / "notes.txt"
    content = files["red"].read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    notes.write_text("This file is not a report, and no function's pattern matches its prefix.\n", encoding="utf-8")
    prefix = f"reports/{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
    return [
        Write("a green report", files["green"], prefix, lambda found: _decisions(found) == ["processed"]),
        Write("a red report", files["red"], prefix, lambda found: _decisions(found) == ["processed"] * 2),
        Write("a truncated report", broken, prefix, lambda found: _decisions(found) == ["rejected"]),
        Write("the green report again", files["green"], prefix, lambda found: _decisions(found) == ["processed"] * 2),
        Write("a file that no pattern matches", notes, "scratch", lambda found: found == []),
    ]


def _show(deployment: Deployment, write: Write) -> bool:
    """Write one file, wait for the decisions, print the answer of `herald why`, and check the decisions."""
    out = Console(emoji=False)
    out.rule(f"[bold]{write.title}[/]", align="left")
    subject = send.send_file(deployment, write.file, write.prefix)
    left = wait(deployment, subject, lambda text: console.print(f"· {text}", markup=False))
    if left:
        raise CommandError(left)
    answer = why(deployment, subject)
    out.print(rendering.answer(answer))
    if "rejected" in _decisions(answer["decisions"]):
        out.print(f"in the dead-letter queue: {_newest_dead_letter(deployment)}", markup=False)
    return write.expected(answer["decisions"])


def _decisions(tree: list[dict[str, Any]]) -> list[str]:
    """Return the decisions of the checked functions in a tree, from the top down."""
    found = []
    for decision in tree:
        below = [each for effect in decision["effects"] for each in effect["decisions"]]
        found += [decision["decision"]] if decision["function"] in CHECKED else []
        found += _decisions(below)
    return found


def _newest_dead_letter(deployment: Deployment) -> str:
    """Return function, error and reason of the newest dead letter, and leave it in the queue."""
    reply = deployment.client("sqs").receive_message(
        QueueUrl=deployment.queues["summarise_test_report"]["dead_letters"],
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        VisibilityTimeout=0,
    )
    found = [json.loads(each["MessageAttributes"]["herald"]["StringValue"]) for each in reply.get("Messages", [])]
    newest = max(found, key=lambda each: int(each["last_at"]))
    return f"{newest['function']}: {newest['error']}: {newest['reason']}"


def _start_tests(name: str, tests: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """Start pytest, with its output in a log and its report beside it."""
    report = WORK / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", *tests, "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    log = (WORK / f"{name}.log").open("wb")
    return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


def _report(tests: subprocess.Popen[bytes], name: str, expected: int) -> Path:
    """Wait for a run of the tests and return its report; pytest exits with 0: all passed, 1: some failed."""
    if tests.wait() != expected:
        raise CommandError(f"the {name} tests exited with {tests.returncode}; see {WORK / f'{name}.log'}")
    return WORK / f"{name}.xml"


if __name__ == "__main__":
    main()
