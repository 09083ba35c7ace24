"""A pattern in a file of its own, for what TOML cannot say."""

import json
from pathlib import Path

import pytest

from infra import catalog
from infra.spec import SpecError

DECLARED = """
description = "Welcome a customer whom nobody sent."
owner = "sales"
[trigger]
samples = ["customer.created/ada"]
pattern_file = "pattern.json"
"""
PATTERN = {"detail-type": ["customer.created"], "detail": {"data": {"referrer": [None]}}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a repository with one function whose pattern stands in a file."""
    sample = {"source": "crm", "detail-type": "customer.created", "detail": {"data": {"referrer": None}}}
    files = {
        "events/customer.created/ada.json": json.dumps(sample),
        "functions/welcome/function.toml": DECLARED,
        "functions/welcome/pattern.json": json.dumps(PATTERN),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path / "functions" / "welcome"


def test_a_pattern_file_is_the_pattern(folder: Path) -> None:
    """Null and all."""
    (spec,) = catalog.load(folder.parent.parent)
    assert spec.trigger.pattern == PATTERN


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        ('"pattern.json"', '"patterns.json"', "trigger.pattern_file: there is no patterns.json"),
        ('"pattern.json"', '"../pattern.json"', "trigger.pattern_file: '../pattern.json' must be the name of a file"),
        ('"pattern.json"', '"."', "trigger.pattern_file: '.' must be the name of a file beside function.toml"),
        ('"pattern.json"', '"function.toml"', "trigger.pattern_file: function.toml is not JSON"),
        (
            '"pattern.json"',
            '"pattern.json"\npattern = {source = ["x"]}',
            "trigger has both a pattern and a pattern_file",
        ),
        ('pattern_file = "pattern.json"', "", "trigger: a function has one [trigger.pattern]"),
    ],
)
def test_a_pattern_file_that_is_none_is_refused(folder: Path, find: str, put: str, reason: str) -> None:
    """With the file of the declaration, and the key."""
    (folder / "function.toml").write_text(DECLARED.replace(find, put), encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        catalog.load(folder.parent.parent)
    assert str(refused.value).startswith(f"functions/welcome/function.toml: {reason}")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("[]", "pattern.json is not a JSON object"),
        ('{"source": []}', "source: an empty list"),
        ('{"x": ' * 100_000, "pattern.json is not JSON: maximum recursion depth exceeded"),
        ('{"x": ' * 2_000 + "1" + "}" * 2_000, "the pattern is nested too deeply"),
    ],
)
def test_a_pattern_in_a_file_is_checked_as_any(folder: Path, pattern: str, reason: str) -> None:
    """EventBridge would refuse it just the same."""
    (folder / "pattern.json").write_text(pattern, encoding="utf-8")
    with pytest.raises(SpecError, match=reason):
        catalog.load(folder.parent.parent)
