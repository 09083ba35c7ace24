"""`herald logs` shows the lines of a function, with what people ask for and the traceback of a failure."""

import json
from collections.abc import Sequence
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from herald import cli
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from tests.unit.herald.investigate.installation import now_ms

DONE: Final = {"level": "INFO", "message": "book processed", "event_id": "e1", "subject": "invoice/1"}
FAILED: Final = {
    "level": "ERROR",
    "message": "the handler failed",
    "event_id": "e2",
    "subject": "invoice/2",
    "exception": '  File "logic.py", line 3\nKeyError\n',
}
CRASH: Final = "2026-11-28T11:00:00Z r1 Task timed out after 30.00 seconds"


def write(deployment: Deployment, lines: Sequence[dict[str, Any] | str]) -> None:
    """Write lines into the log of `book`."""
    logs, group = deployment.client("logs"), "/aws/lambda/herald-dev-book"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    texts = [each if isinstance(each, str) else json.dumps(each) for each in lines]
    events = [{"timestamp": now_ms() + number, "message": f"{text}\n"} for number, text in enumerate(texts)]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def logs(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(cli.app, ["logs", *arguments])


def shown(*arguments: str) -> list[str]:
    """Return the lines of the answer without their times."""
    return [line.partition("  ")[2] for line in logs("book", *arguments).stdout.splitlines()]


def test_a_line_has_its_keys_and_its_traceback(deployment: Deployment) -> None:
    """The lines of Lambda are shown as they are."""
    write(deployment, [DONE, FAILED, CRASH])
    assert shown() == [
        "INFO    book processed  subject=invoice/1 event_id=e1",
        "ERROR   the handler failed  subject=invoice/2 event_id=e2",
        '    File "logic.py", line 3',
        "  KeyError",
        CRASH,
    ]


def test_failures_are_selected(deployment: Deployment) -> None:
    """Warnings, errors, and workers that ended."""
    write(deployment, [DONE, FAILED, CRASH])
    assert [line for line in shown("--error") if "processed" in line] == []
    assert shown("--error")[-1] == CRASH


@pytest.mark.parametrize("word", ["e2", "invoice/2"])
def test_the_lines_of_one_event_are_selected(deployment: Deployment, word: str) -> None:
    """By its id or its subject; a line that only contains the text is not one of them."""
    write(deployment, [DONE | {"message": f"not about {word}"}, FAILED])
    assert "not about" not in logs("book", "--run", word).stdout
    assert json.loads(logs("book", "--run", word, "--json").stdout) == FAILED


def test_a_log_without_lines_says_so(deployment: Deployment) -> None:
    """Also with a filter that selects none."""
    write(deployment, [DONE])
    assert logs("book", "--error").stdout == "No lines found.\n"


@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("warn", "there is no log group /aws/lambda/herald-dev-warn: warn has not logged anything yet"),
        ("bok", "no function 'bok' is deployed here; did you mean 'book'?"),
    ],
)
def test_a_missing_log_is_named(function: str, message: str) -> None:
    """A misspelled function has a suggestion."""
    refused = logs(function)
    assert isinstance(refused.exception, CommandError)
    assert str(refused.exception) == message
