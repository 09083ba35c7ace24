"""Mistakes of a first day, in a copy of this repository, and what the command line and the synthesis say of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import checkout
from tests.scaffold.test_new import HERALD


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the repository."""
    return checkout.copy(tmp_path_factory.mktemp("first_day"))


@contextmanager
def changed(file: Path, old: str, new: str) -> Iterator[None]:
    """Replace a text of a file, for a while."""
    kept = file.read_text(encoding="utf-8")
    assert old in kept
    file.write_text(kept.replace(old, new, 1), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(kept, encoding="utf-8")


def check(root: Path) -> list[str]:
    """Return what `herald check` prints, which fails."""
    done = checkout.python(root, *HERALD, "check")
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout.splitlines()


def synthesis(root: Path) -> str:
    """Return the sentence with which the CDK app ends: one line on stderr, no traceback.

    The context is handed over as the CDK command line does.
    """
    context = json.dumps(json.loads((root / "cdk.json").read_bytes())["context"])
    done = checkout.python(root, "app.py", CDK_CONTEXT_JSON=context)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    return done.stderr.removeprefix("herald: ").rstrip()


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        (
            "infra/resources.toml",
            "[bucket.artifacts]",
            "[bucket.artifacts]\nexistng = 'acme'",
            "infra/resources.toml: unknown key 'existng' in [bucket.artifacts]; did you mean 'existing'?",
        ),
        (
            "cdk.json",
            '"log_retention": "ONE_YEAR"',
            '"log_retention": "20_DAYS"',
            "cdk.json: environments.prod.log_retention is '20_DAYS'; it must be one of ONE_DAY, THREE_DAYS,",
        ),
        (
            "events/report.published/red.json",
            "{",
            "[",
            "events/report.published/red.json is not JSON: ",
        ),
        (
            "functions/summarise_test_report/function.toml",
            '{ prefix = "reports/"',
            '{ suffix = ".xml", prefix = "reports/"',
            "functions/summarise_test_report/function.toml: trigger.pattern: detail.object.key: one object holds one o",
        ),
    ],
)
def test_a_fault_is_reported_with_its_own_file(root: Path, file: str, old: str, new: str, reason: str) -> None:
    """The same sentence from `herald check` and from synthesis, with what to write."""
    with changed(root / file, old, new):
        (sentence,) = check(root)
        assert sentence.startswith(reason)
        assert synthesis(root) == sentence
