"""Types the commands of a worked example and checks the answers; `make incidents` shows what it prints."""

import shlex

from herald.local import emulator
from tests.emulator.incidents.example import Example
from tests.emulator.support.commands import run

ANSWER_SECONDS = 60


def investigate(example: Example) -> None:
    """Type the command until the answer names the cause: queues and the journal need a moment."""
    printed: list[str] = []

    def is_named() -> bool:
        printed.append(run(*shlex.split(example.command)[1:]).output)
        return example.lines_in(printed[-1]) is not None

    assert emulator.wait_until(is_named, ANSWER_SECONDS), f"no line has {example.answer!r}:\n{printed[-1]}"
    lines = "\n          ".join(example.lines_in(printed[-1]) or [])
    print(f"\n{example.title}\n  staged  {example.staged}\n  typed   {example.command}\n  answer  {lines}")  # noqa: T201 - the output of `make incidents`


def mend(example: Example) -> str:
    """Type the command that ends the incident; return what it prints."""
    typed = run(*shlex.split(example.mend_command)[1:])
    assert typed.exit_code == 0, (typed.output, typed.exception)
    print(f"  mend    {example.mend_command}")  # noqa: T201 - the output of `make incidents`
    return typed.output
