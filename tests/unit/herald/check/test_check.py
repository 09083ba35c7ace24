"""`herald check`: what it finds in a repository, and what its exit code says."""

import json
import os
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from functions.runtime.run import contracts as held
from herald import cli
from herald.check import check, starts
from herald.check.revision import RevisionError
from herald.errors import CommandError
from infra.contracts import contracts
from infra.contracts.changes import Refusal
from infra.declarations import loader

TOML: Final = """
description = "d"
owner = "o"
trigger.samples = ["thing.made/one"]
trigger.pattern.detail-type = ["thing.made"]
[access]
emit = ["thing.told"]
"""
HANDLER: Final = 'def handle(event, run):\n    run.emit("thing.told", {}, subject=event.subject)\n'
SCHEMA: Final[dict[str, Any]] = {
    "description": "A thing was made.",
    "type": "object",
    "required": ["count"],
    "properties": {"count": {"type": "integer"}},
}


def event(**data: object) -> dict[str, Any]:
    """Return a `thing.made` as the bus brings it."""
    detail = {"specversion": "1.0", "id": "1", "source": "shop", "type": "thing.made", "time": "t", "data": data}
    return {"source": "shop", "detail-type": "thing.made", "id": "e", "time": "t", "detail": detail}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository in which all agree, and commit it."""
    write(tmp_path, "functions/tell/function.toml", TOML)
    write(tmp_path, "functions/tell/handler.py", HANDLER)
    write(tmp_path, "events/thing.made/1.schema.json", SCHEMA)
    write(tmp_path, "events/thing.told/1.schema.json", SCHEMA | {"required": []})
    write(tmp_path, "events/thing.made/one.json", event(count=1))
    invalid = {"reason": "thing.made/1: data.count is missing", "event": event()}
    write(tmp_path, "events/thing.made/invalid/none.json", invalid)
    monkeypatch.setattr(held, "EVENTS", tmp_path / "events")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    commit(tmp_path, "first")
    return tmp_path


def commit(root: Path, message: str) -> None:
    """Commit what is staged; of two of one second that are alike, the message makes two."""
    git(root, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", message)


def git(root: Path, *arguments: str) -> None:
    """Run git in a repository of the test."""
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)  # noqa: S607 - the machine's git


def write(root: Path, file: str, content: str | dict[str, Any]) -> None:
    """Write a file of the repository, from text or from JSON."""
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_a_repository_that_agrees_has_nothing_to_tell(root: Path) -> None:
    """Nor has it changed since its own commit."""
    assert check.check("HEAD", root).describe() == {"disagreements": [], "refusals": [], "notices": []}


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        (
            "events/thing.made/one.json",
            event(count="x"),
            'events/thing.made/one.json: a function would refuse it: thing.made/1: data.count breaks type: "integer"',
        ),
        (
            "events/thing.made/invalid/none.json",
            {"reason": "data.size is missing", "event": event()},
            "events/thing.made/invalid/none.json: it says 'data.size is missing', but a function refuses it with 'th",
        ),
        (
            "events/thing.made/invalid/none.json",
            {"reason": "data.count is missing", "event": event(count=1)},
            "events/thing.made/invalid/none.json: it says 'data.count is missing', but a function would take it",
        ),
        (
            "events/thing.made/invalid/none.json",
            event(),
            "events/thing.made/invalid/none.json: an invalid sample has an event, and the reason for which it is ref",
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


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("import no_such_module", "handler.py:1: ModuleNotFoundError: No module named 'no_such_module'"),
        ("import infra.declarations.spec", "handler.py:1: ModuleNotFoundError: No module named 'infra'"),
        ("from functions.tell import other", "other.py:5: ModuleNotFoundError: No module named 'nor_this'"),
        ("LIMIT = 1 / 0", "handler.py:1: ZeroDivisionError: division by zero"),
        ("import sys; sys.exit(3)", "it ended the process"),
        ("import os; os._exit(3)", "it ended the process"),
        ("del_handle = 1", "handler.py defines no function handle"),
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
        f"functions/tell/handler.py: it cannot be imported on Lambda: {fault}\n",
    )


def test_what_the_layer_and_a_function_bring_along_can_be_imported(root: Path) -> None:
    """Its requirements.txt counts; a package of it that is not installed here is named beside the failure."""
    lines = "import boto3, json\nimport yaml\nimport aws_lambda_powertools\nprint('imported')\n"
    write(root, "functions/tell/handler.py", f"{lines}{HANDLER}")
    write(root, "functions/tell/requirements.txt", "PyYAML==6.0.2 \\\n    --hash=sha256:0\n")
    assert list(starts.faults(root, loader.load(root))) == []
    write(root, "functions/tell/requirements.txt", "no-such-thing==1 \\\n    --hash=sha256:0\n")
    (sentence,) = starts.faults(root, loader.load(root))
    assert "No module named 'yaml'; not installed here: no-such-thing (`make setup` installs" in sentence


def test_imports_that_never_end_are_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a deadline, for nobody knows which of them it is."""
    monkeypatch.setattr(starts, "SECONDS", 0.01)
    (sentence,) = check.check(None, root).disagreements
    assert sentence.endswith("the imports of all functions did not end in 0.01 s")


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


def test_a_broken_promise_is_told_with_the_revision(root: Path) -> None:
    """The contract of the commit is compared with the one on the disk."""
    write(root, "events/thing.made/1.schema.json", SCHEMA | {"properties": {"count": {"type": "number"}}})
    answer = check.check("HEAD", root)
    (refusal,) = answer.describe()["refusals"]
    assert answer.disagreements == []
    assert (refusal["file"], refusal["field"]) == ("events/thing.made/1.schema.json", "data.count")
    assert (refusal["before"], refusal["after"], refusal["revision"]) == ("integer", "number", "HEAD")
    assert (refusal["consumers"], refusal["producers"]) == (("tell",), ())
    assert "data.count was integer at HEAD and is number now" in refusal["sentence"]


def test_what_is_added_is_fine(root: Path) -> None:
    """An optional field, and a type of its own."""
    more = {"count": {"type": "integer"}, "note": {"type": "string"}}
    write(root, "events/thing.made/1.schema.json", SCHEMA | {"properties": more})
    write(root, "events/thing.lost/1.schema.json", SCHEMA)
    assert check.check("HEAD", root).describe() == {"disagreements": [], "refusals": [], "notices": []}


def rename(root: Path, before: str, now: str, formerly: Sequence[str] | None) -> list[str]:
    """Rename a function in git, and what it says of its names; return what a check against before notices of it."""
    git(root, "mv", f"functions/{before}", f"functions/{now}")
    said = "" if formerly is None else f"formerly = {json.dumps(formerly)}\n"
    write(root, f"functions/{now}/function.toml", f"{said}{TOML}")
    return list(check.check("HEAD", root).notices)


@pytest.mark.parametrize("formerly", [None, ["other"], ["other", "tell"]])
def test_a_rename_that_is_not_said_is_noticed(root: Path, formerly: list[str] | None) -> None:
    """Only people know whether it is one; with `formerly` it is said, and there is nothing to notice."""
    (notice,) = rename(root, "tell", "told", formerly)
    assert notice == (
        'functions/told/function.toml: git takes it for tell of HEAD: if it is, say formerly = ["tell"]; else what '
        "tell has processed runs again as if it were new"
    )
    write(root, "functions/told/function.toml", f'formerly = ["tell"]\n{TOML}')
    assert check.check("HEAD", root).notices == []


@pytest.mark.parametrize(
    ("name", "formerly", "remedy"),
    [
        ("third", None, 'formerly = ["tell", "told"]'),
        ("third", ["told"], 'formerly = ["tell", "told"]'),
        ("third", ["tell"], 'formerly = ["tell", "told"]'),
        ("third", ["tell", "told"], None),
        ("tell", ["told"], "nothing in formerly, for it has its first name again"),
        ("tell", None, None),
    ],
)
def test_a_second_rename_keeps_the_first_name(
    root: Path, name: str, formerly: list[str] | None, remedy: str | None
) -> None:
    """It is in the keys of all that was processed; the list of before is said whole."""
    rename(root, "tell", "told", ["tell"])
    git(root, "add", ".")
    commit(root, "renamed")
    notices = rename(root, "told", name, formerly)
    assert [notice.partition("if it is, say ")[2].partition("; else")[0] for notice in notices] == [remedy] * bool(
        remedy
    )


@pytest.mark.parametrize("formerly", ["", "formerly = []", 'formerly = ["other"]'])
def test_a_former_name_that_is_taken_back_is_refused(root: Path, formerly: str) -> None:
    """There is no reason for it, and what was processed would run again."""
    rename(root, "tell", "told", ["tell"])
    git(root, "add", ".")
    commit(root, "renamed")
    write(root, "functions/told/function.toml", f"{formerly}\n{TOML}")
    (sentence,) = check.check("HEAD", root).disagreements
    assert sentence == (
        'functions/told/function.toml: formerly began with ["tell"] at HEAD, and nothing is ever taken from it: what '
        "was processed would run again as if it were new"
    )
    write(root, "functions/told/function.toml", f'formerly = ["tell", "another"]\n{TOML}')
    assert check.check("HEAD", root).disagreements == []


def test_a_new_version_names_the_consumers_that_read_only_the_old_one(root: Path) -> None:
    """It needs a sample, and each function that its events run needs one in [trigger], or a pattern without it."""
    second = SCHEMA | {"required": ["total"], "properties": {"total": {"type": "integer"}}}
    write(root, "events/thing.made/2.schema.json", second)
    unread = (
        "functions/tell/function.toml: tell reads only version 1 of thing.made, so it would reject version 2: extend "
        "its handler (event.contract_version is the version), and add a sample to trigger.samples"
    )
    unsampled = (
        "events/thing.made/2.schema.json: this version has no sample: write events/thing.made/<name>.json, an event "
        "with the dataschema herald:thing.made/2"
    )
    assert check.check("HEAD", root).disagreements == [unsampled, unread]
    sample = event(total=1)
    sample["detail"]["dataschema"] = "herald:thing.made/2"
    write(root, "events/thing.made/two.json", sample)
    assert check.check("HEAD", root).disagreements == [unread]
    write(root, "functions/tell/function.toml", TOML.replace('"thing.made/one"', '"thing.made/one", "thing.made/two"'))
    assert check.check("HEAD", root).disagreements == []
    write(root, "functions/tell/function.toml", TOML.replace('"thing.made/one"', '"thing.made/two"'))
    assert (
        "tell reads only version 2 of thing.made, so it would reject version 1"
        in check.check("HEAD", root).disagreements[0]
    )
    write(root, "events/thing.made/1.schema.json", SCHEMA | {"deprecated": True})
    assert check.check("HEAD", root).disagreements == []


def test_a_pattern_that_asks_for_a_version_is_not_run_by_another(root: Path) -> None:
    """Then nothing would be rejected."""
    write(root, "events/thing.made/2.schema.json", SCHEMA)
    sample = event(count=1)
    sample["detail"]["dataschema"] = "herald:thing.made/2"
    write(root, "events/thing.made/one.json", sample)
    first = event(count=1)
    write(root, "events/thing.made/first.json", first)
    asks = TOML.replace("[access]", 'trigger.pattern.detail.dataschema = ["herald:thing.made/2"]\n[access]')
    write(root, "functions/tell/function.toml", asks)
    assert check.check("HEAD", root).disagreements == []


def test_what_was_broken_before_is_no_fault_of_now(root: Path) -> None:
    """A contract that was none is told with its revision; a declaration that nobody could read is passed by."""
    name = os.fsdecode(b"functions/tell/\xff.txt")
    write(root, name, "a name in no encoding")
    (root / "functions/tell/function.toml").write_bytes(b"\xff")
    git(root, "add", ".")
    commit(root, "broken")
    write(root, "functions/tell/function.toml", TOML)
    assert check.check("HEAD", root).describe() == {"disagreements": [], "refusals": [], "notices": []}
    (root / "events/thing.made/2.schema.json").write_bytes(b"\xff")
    git(root, "add", ".")
    commit(root, "more broken")
    (root / "events/thing.made/2.schema.json").unlink()
    with pytest.raises(CommandError, match=r"^at HEAD, events/thing.made/2.schema.json is not JSON"):
        check.check("HEAD", root)


def test_a_declaration_that_is_no_function_s_is_no_rename(root: Path) -> None:
    """Beside the folders of functions, or below one."""
    for place in ("functions/tell/old", "functions"):
        (root / place).mkdir(exist_ok=True)
        git(root, "mv", "functions/tell/function.toml", f"{place}/function.toml")
        write(root, "functions/tell/function.toml", TOML)
        assert check.check("HEAD", root).notices == []
        git(root, "reset", "-q", "--hard")


def test_what_was_renamed_on_the_base_is_not_renamed_back_here(root: Path) -> None:
    """A branch that is behind has not renamed anything."""
    git(root, "branch", "behind")
    git(root, "mv", "functions/tell", "functions/told")
    commit(root, "a rename")
    git(root, "branch", "ahead")
    git(root, "checkout", "-q", "behind")
    assert check.check("ahead", root).notices == []
    git(root, "checkout", "-q", "--orphan", "stranger")
    commit(root, "a history of its own")
    assert [notice.partition(":")[0] for notice in check.check("ahead", root).notices] == [
        "functions/tell/function.toml"
    ]


@pytest.mark.parametrize("revision", ["nowhere", "--all", "HEAD:events", ""])
def test_a_revision_that_is_none_is_refused(root: Path, revision: str) -> None:
    """And is never taken for an option of git's."""
    with pytest.raises(RevisionError):
        check.check(revision, root)


def test_without_git_the_sentence_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only --base needs it."""
    monkeypatch.setenv("PATH", "")
    assert check.check(None, root).disagreements == []
    with pytest.raises(CommandError, match="git is not installed"):
        check.check("HEAD", root)


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
