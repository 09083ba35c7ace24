"""`herald check` against a base revision: contracts that changed, and the functions that read them."""

import os
from pathlib import Path

import pytest

from herald.check import check
from herald.check.revision import RevisionError
from herald.errors import CommandError
from tests.unit.herald.check.projects import SCHEMA, TOML, commit, event, git, write


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
