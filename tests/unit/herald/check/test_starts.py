"""`herald check` imports each handler as Lambda does."""

from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from herald import cli
from herald.check import check, starts
from infra.declarations import loader
from tests.unit.herald.check.projects import HANDLER, write


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("import no_such_module", "functions/tell/handler.py:1: ModuleNotFoundError: No module named 'no_such_module'"),
        ("import infra.declarations.spec", "functions/tell/handler.py:1: ModuleNotFoundError: No module named 'infra'"),
        (
            "from functions.tell import other",
            "functions/tell/other.py:5: ModuleNotFoundError: No module named 'nor_this'",
        ),
        ("LIMIT = 1 / 0", "functions/tell/handler.py:1: ZeroDivisionError: division by zero"),
        ("import sys; sys.exit(3)", "functions/tell/handler.py: the import ended the process"),
        ("import os; os._exit(3)", "functions/tell/handler.py: the import ended the process"),
        ("del_handle = 1", "functions/tell/handler.py: it defines no function handle"),
    ],
)
def test_a_handler_that_cannot_start_is_told_before_it_is_deployed(
    root: Path, monkeypatch: pytest.MonkeyPatch, line: str, fault: str
) -> None:
    """Imported as on a worker: with the layer and its own folder alone, though much more is installed here."""
    handler = HANDLER.replace("handle(", "renamed(") if line.startswith("del_") else HANDLER
    write(root, "functions/tell/handler.py", f"{line}\n{handler}")
    write(root, "functions/tell/other.py", "def late() -> None:\n    import json\n\n\nimport nor_this\n")
    monkeypatch.setattr(check, "check", partial(check.check, root=root))
    told = CliRunner().invoke(cli.app, ["check"])
    assert (told.exit_code, told.stdout) == (
        1,
        f"{fault} (the handler cannot be imported on Lambda)\n",
    )


def test_what_the_layer_and_a_function_bring_along_can_be_imported(root: Path) -> None:
    """Its requirements.txt counts; a package of it that is not installed here is named beside the failure."""
    lines = "import boto3, json\nimport yaml\nimport aws_lambda_powertools\nprint('imported')\n"
    write(root, "functions/tell/handler.py", f"{lines}{HANDLER}")
    write(root, "functions/tell/requirements.txt", "PyYAML==6.0.2 \\\n    --hash=sha256:0\n")
    assert list(starts.faults(root, loader.load(root))) == []
    write(root, "functions/tell/requirements.txt", "no-such-thing==1 \\\n    --hash=sha256:0\n")
    (sentence,) = starts.faults(root, loader.load(root))
    assert sentence.startswith("functions/tell/handler.py:2: ModuleNotFoundError: No module named 'yaml' (the handler")
    assert "; not installed here: no-such-thing (`make setup` installs" in sentence


def test_imports_that_never_end_are_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a deadline, for nobody knows which of them it is."""
    monkeypatch.setattr(starts, "SECONDS", 0.01)
    (sentence,) = check.check(None, root).disagreements
    assert sentence.endswith(
        "the imports of all functions did not end in 0.01 s (the handler cannot be imported on Lambda)"
    )
