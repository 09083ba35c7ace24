"""`herald check`: what it finds in a repository, and what its exit code says."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from herald import cli
from herald.check import check
from herald.check.revision import RevisionError
from infra.contracts import contracts
from infra.contracts.changes import Refusal
from infra.declarations import loader
from tests.unit.herald.check.projects import HANDLER, SCHEMA, TOML, event, write


def test_a_repository_that_agrees_has_nothing_to_tell(root: Path) -> None:
    """Nor has it changed since its own commit."""
    assert check.check("HEAD", root).describe() == {"disagreements": [], "refusals": [], "notices": []}


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        (
            "events/thing.made/one.json",
            event(count="x"),
            'events/thing.made/one.json: a function would reject it: thing.made/1: data.count breaks type: "integer"',
        ),
        (
            "events/thing.made/invalid/none.json",
            {"reason": "data.size is missing", "event": event()},
            "events/thing.made/invalid/none.json: its reason is 'data.size is missing', but a function rejects it with",
        ),
        (
            "events/thing.made/invalid/none.json",
            {"reason": "data.count is missing", "event": event(count=1)},
            "events/thing.made/invalid/none.json: its reason is 'data.count is missing', but a function accepts it",
        ),
        (
            "events/thing.made/invalid/none.json",
            event(),
            "events/thing.made/invalid/none.json: an invalid sample needs event, and reason: why a function rejects",
        ),
        (
            "functions/tell/handler.py",
            HANDLER.replace("thing.told", "thing.sold"),
            "functions/tell/handler.py:2: run.emit('thing.sold'), but access.emit does not contain it",
        ),
        ("functions/tell/handler.py", "def (", "functions/tell/handler.py, line 1: not valid Python: "),
        (
            "events/thing.told/1.schema.json",
            SCHEMA | {"description": ""},
            "events/thing.told/1.schema.json: description is missing: write what happened",
        ),
        (
            "functions/tell/function.toml",
            TOML.replace("owner", "ower"),
            "functions/tell/function.toml: unknown key 'ower'; did you mean 'owner'?",
        ),
    ],
)
def test_what_does_not_agree_is_told(root: Path, file: str, content: Any, sentence: str) -> None:  # noqa: ANN401 - text or JSON
    """Each with its file, in one sentence."""
    write(root, file, content)
    assert any(each.startswith(sentence) for each in check.check(None, root).disagreements)


def test_the_first_fault_of_each_declaration_is_reported(root: Path) -> None:
    """And each fault once: an invalid sample that two functions name is one fault."""
    for name in ("sell", "ship"):
        write(root, f"functions/{name}/function.toml", TOML)
        write(root, f"functions/{name}/handler.py", HANDLER)
    write(root, "functions/sell/function.toml", TOML.replace("owner", "ower"))
    write(root, "functions/tell/function.toml", TOML.replace("description", "desciption"))
    write(root, "cdk.json", {"context": {}})
    faults = check.check(None, root).disagreements
    assert [fault.partition(":")[0] for fault in faults] == [
        "cdk.json",
        "functions/sell/function.toml",
        "functions/tell/function.toml",
    ]
    (root / "cdk.json").unlink()
    for name in ("sell", "tell"):
        write(root, f"functions/{name}/function.toml", TOML)
    write(root, "events/thing.made/one.json", "[")
    (fault,) = check.check(None, root).disagreements
    assert fault.startswith("events/thing.made/one.json is not JSON")


def test_an_invalid_contract_is_reported_once(root: Path) -> None:
    """No declaration can be read without it."""
    write(root, "events/thing.made/1.schema.json", "[")
    (fault,) = check.check(None, root).disagreements
    assert fault.startswith("events/thing.made/1.schema.json")


@pytest.mark.parametrize(
    ("file", "content", "concerned"),
    [
        ("functions/tell/handler.py", HANDLER.replace("thing.told", "thing.sold"), True),
        ("events/thing.made/one.json", event(count="x"), True),
        ("events/thing.told/1.schema.json", SCHEMA | {"description": ""}, True),
        ("events/thing.lost/1.schema.json", SCHEMA | {"description": ""}, False),
        ("events/thing.told/one.json", event(count="x") | {"detail-type": "thing.lost"}, False),
    ],
)
def test_the_disagreements_of_one_function_are_its_own(
    root: Path,
    file: str,
    content: str | dict[str, Any],
    concerned: bool,  # noqa: FBT001 - a column
) -> None:
    """`herald test` stops at these alone; a fault elsewhere does not keep a function from its tests."""
    write(root, file, content)
    (spec,) = loader.load(root)
    assert bool(check.of_function(root, spec, contracts.load(root))) is concerned
    assert check.check(None, root).disagreements


def test_a_function_without_a_handler_is_told(root: Path) -> None:
    """And not of what its declaration names, which no code can do then."""
    (root / "functions/tell/handler.py").unlink()
    (sentence,) = check.check(None, root).disagreements
    assert sentence == "functions/tell/handler.py is missing: every function needs it"


def invoke(monkeypatch: pytest.MonkeyPatch, answer: check.Answer, *options: str) -> tuple[int, str]:
    """Run the command on an answer; return its exit code and what it prints."""
    monkeypatch.setattr(check, "check", lambda _base: answer)
    result = CliRunner().invoke(cli.app, ["check", *options])
    assert result.stderr == "".join(f"{notice}\n" for notice in answer.notices)
    return result.exit_code, result.stdout


def test_the_exit_code_says_whether_all_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """0 and 1; what is wrong stands on a line each, or in JSON."""
    assert invoke(monkeypatch, check.Answer(disagreements=[], notices=["look"])) == (
        0,
        "Declarations, contracts, samples and code agree.\n",
    )
    change = {"field": "data.a", "before": "b", "after": "c", "revision": "main", "remedy": "r"}
    refusal = Refusal(file="f", consumers=("g",), producers=(), **change)
    answer = check.Answer(disagreements=["events/\x1b: one"], refusals=[refusal])
    code, printed = invoke(monkeypatch, answer)
    assert (code, printed) == (1, f"events/\\x1b: one\n{refusal.sentence}\n")
    code, printed = invoke(monkeypatch, answer, "--json")
    assert code == 1
    assert json.loads(printed)["refusals"][0]["consumers"] == ["g"]


def test_a_wrong_revision_is_misuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2: nothing was looked at."""

    def refuse(_base: str) -> None:
        raise RevisionError("git knows no such revision")

    monkeypatch.setattr(check, "check", refuse)
    assert CliRunner().invoke(cli.app, ["check", "--base", "nowhere"]).exit_code == 2
