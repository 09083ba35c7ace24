"""`herald check` against a base revision: functions that were renamed."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from herald.check import check
from tests.unit.herald.check.projects import TOML, commit, git, write


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
        'functions/told/function.toml: Git reports it as tell of HEAD, renamed: if it is, write formerly = ["tell"]; '
        "otherwise events that tell processed run again"
    )
    write(root, "functions/told/function.toml", f'formerly = ["tell"]\n{TOML}')
    assert check.check("HEAD", root).notices == []


@pytest.mark.parametrize(
    ("name", "formerly", "remedy"),
    [
        ("third", None, 'write formerly = ["tell", "told"]'),
        ("third", ["told"], 'write formerly = ["tell", "told"]'),
        ("third", ["tell"], 'write formerly = ["tell", "told"]'),
        ("third", ["tell", "told"], None),
        ("tell", ["told"], "remove formerly, because it has its first name again"),
        ("tell", None, None),
    ],
)
def test_a_second_rename_keeps_the_first_name(
    root: Path, name: str, formerly: list[str] | None, remedy: str | None
) -> None:
    """It is in the keys of all runs; the message shows the whole list."""
    rename(root, "tell", "told", ["tell"])
    git(root, "add", ".")
    commit(root, "renamed")
    notices = rename(root, "told", name, formerly)
    assert [notice.partition("if it is, ")[2].partition("; otherwise")[0] for notice in notices] == [remedy] * bool(
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
        'functions/told/function.toml: formerly began with ["tell"] at HEAD: keep these names, or events that '
        "were processed before run again"
    )
    write(root, "functions/told/function.toml", f'formerly = ["tell", "another"]\n{TOML}')
    assert check.check("HEAD", root).disagreements == []


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
