"""What is written for a new function is written whole, or not at all."""

from pathlib import Path

import pytest

from herald.errors import CommandError
from herald.scaffold import new_files
from tests import checkout
from tests.scaffold.test_new import add
from tests.scaffold.test_refused import tree


def accept() -> None:
    """Find nothing wrong."""


@pytest.mark.parametrize(
    ("name", "reason"),
    [("x" * 300, "cannot be written: File name too long"), ("taken/x", "cannot be written: Not a directory")],
)
def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path, name: str, reason: str) -> None:
    """Neither what came before it nor a folder; the sentence names it."""
    (tmp_path / "taken").touch()
    with pytest.raises(CommandError) as refused:
        new_files.write(tmp_path, {"functions/f/a.txt": "a", name: "b"}, accept)
    assert str(refused.value) == f"{name} {reason}"
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]


def test_what_was_put_into_a_new_folder_by_others_stays(tmp_path: Path) -> None:
    """All that was written is taken away nevertheless."""

    def interrupt() -> None:
        (tmp_path / "a/b/theirs").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        new_files.write(tmp_path, {"a/b/x.txt": "", "c/y.txt": ""}, interrupt)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [tmp_path / "a/b/theirs"]
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    ("source", "kind", "reason"),
    [
        ("aws.sprout", "k" * 129, "detail-type has 129 characters, more than the 128 EventBridge takes"),
        ("aws.s" + "p" * 300, "Grown", "is none of AWS's: they are short"),
        ("aws.../../../x", "Grown", "source 'aws.../../../x' is none of AWS's"),
    ],
)
def test_an_event_that_cannot_be_leaves_nothing_behind(tmp_path: Path, source: str, kind: str, reason: str) -> None:
    """Its names would have become those of files."""
    root = checkout.copy(tmp_path)
    before = tree(root)
    with pytest.raises(CommandError) as refused:
        add(root, "f", {"source": [source], "detail-type": [kind]}, [])
    assert reason in str(refused.value)
    assert tree(root) == before


def test_an_interruption_leaves_nothing_behind(tmp_path: Path) -> None:
    """Whatever was written before it is gone, and folders with it."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        new_files.write(tmp_path, {"events/a.happened/new/x.json": "{}", "x.txt": ""}, interrupt)
    assert not list(tmp_path.iterdir())


def test_what_the_linter_refuses_is_not_written(tmp_path: Path) -> None:
    """Its words are the reason."""
    root = checkout.copy(tmp_path)
    before = tree(root)
    with pytest.raises(CommandError, match=r"the linter refuses what would be written:\n(.|\n)*S105"):
        new_files.write(root, {"functions/f/logic.py": '"""Words."""\n\nPASSWORD = "hunter2"\n'}, lambda: None)
    assert tree(root) == before
