"""What `herald new` and `herald new-event` refuse, in which words, and that nothing is left behind."""

import re
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from herald.errors import CommandError
from herald.scaffold import new_contract, new_function
from infra.declarations.spec import SpecError
from tests import checkout
from tests.scaffold.test_new import SPROUT, add

HOPELESS: Final = {"equals-ignore-case": "😀"}  # which EventBridge takes for two question marks


def nested(depth: int) -> dict[str, Any]:
    """Return a pattern of so many levels."""
    below: Any = ["x"]
    for _ in range(depth):
        below = {"x": below}
    return {"detail": below}


def tree(root: Path) -> set[Path]:
    """Return everything that is there."""
    return {path for folder in ("functions", "events", "tests") for path in (root / folder).rglob("*")}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the repository, with one more function: it writes where others may look."""
    root = checkout.copy(tmp_path_factory.mktemp("plain"))
    declared = (root / "functions/notify/function.toml").read_text(encoding="utf-8")
    (root / "functions/sprout_echo").mkdir()
    declared = declared.replace('publish = ["topic.notices"]', 'write = ["bucket.outputs/sprout_echo/*"]')
    declared = re.sub("source = .*\n", "", declared)  # a function that is new may be its cause as well
    (root / "functions/sprout_echo/function.toml").write_text(declared, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("name", "on", "emit", "reason"),
    [
        ("notify", "s3:x/", [], "functions/notify is there already"),
        ("runtime", "s3:x/", [], "functions/runtime is there already"),
        ("infra", "s3:x/", [], "tests/unit/infra is there already"),
        ("CountLines", "s3:x/", [], "the folder name 'CountLines' must be snake_case"),
        ("c" * 41, "s3:x/", [], "must be snake_case and have at most 40 characters"),
        ("journal", "s3:x/", [], "the folder name 'journal' is reserved"),
        ("import", "s3:x/", [], "the folder name 'import' is a Python keyword"),
        ("f", "s3:", [], "'s3:' names no prefix: write s3:logs/"),
        ("f", "s3:a*", [], "'s3:a*' names no prefix"),
        ("f", "s3:/a/", [], "'s3:/a/' begins with '/', and keys do not: write s3:a/"),
        ("f", "s3://", [], "'s3://' begins with '/' and ends with '//', and keys do not: write s3:logs/"),
        ("f", "s3:a//", [], "'s3:a//' ends with '//', and keys do not: write s3:a/"),
        ("f", "s3:/a//", [], "'s3:/a//' begins with '/' and ends with '//', and keys do not: write s3:a/"),
        ("f", "s3:a\nb", [], "names no prefix"),
        ("f", "s3:artifacts/x//", [], "ends with '//', and keys do not: write s3:artifacts/x/"),
        ("f", "s3:artifacts//x/", [], "begins with '/', and keys do not: write s3:artifacts/x/"),
        ("f", "s3://artifacts/x/", [], "begins with '/', and keys do not: write s3:artifacts/x/"),
        ("f", "s3://a/b/", [], "begins with '/', and keys do not: write s3:outputs/a/b/"),
        (
            "f",
            "s3:artefacts/x/",
            [],
            "add [bucket.artefacts] to that file. For the prefix artefacts/x/ in the bucket outputs, write s3:outputs/",
        ),
        (
            "f",
            "s3:artefacts/x/",
            [],
            "infra/resources.toml declares no bucket 'artefacts'; did you mean 'artifacts'? To declare it, add",
        ),
        ("f", "s3:logs/2026", [], "declares no bucket 'logs'; there are artifacts, outputs. To declare it, add"),
        ("f", "s3:artifacts/", [], "names a bucket and no prefix: write s3:artifacts/<prefix>/ for objects in that"),
        ("f", "s3:artifacts", [], "or s3:outputs/artifacts for that prefix in the bucket outputs"),
        ("f", "s3:artifacts/f/", [], "can trigger the function itself: f → f"),
        ("f", "s3:${bucket.outputs}", [], "names no prefix"),
        ("f", "s3:" + "ü" * 257, [], "names no prefix"),
        ("f", "iot:", [], "no function can run on the topics '': it has 0 levels '+'; it needs exactly one"),
        ("f", "iot:devices/7/status", [], "'devices/7/status': it has 0 levels '+'"),
        ("f", "iot:a/#/b", [], "'a/#/b': '#' may only be the last level"),
        ("f", "iot:a+", [], "'a+': '+' and '#' must be whole levels, not part of one as in 'a+'"),
        ("f", "iot:+/" + "ü" * 128, [], "it has 258 bytes, more than AWS IoT's limit of 256"),
        ("f", "iot:a/b/c/d/e/f/g/h/+", [], "it has 8 slashes, more than AWS IoT's limit of 7"),
        ("f", "iot:$aws/+", [], "topics that begin with '$' are reserved"),
        ("f", "iot:+/\udcff", [], "the rule's SQL cannot contain quotes"),
        ("f", "iot:+/${bucket.outputs}", [], "a topic filter cannot contain '${'"),
        ("climate", "iot:+/x", [], "events/aws.iot/iot_message.climate.json is there already"),
        ("f", "http", [], "a signed request becomes one event: --on http takes one --emit TYPE, not 0"),
        ("f", "http", ["report.published", "reading.taken"], "--on http takes one --emit TYPE, not 2"),
        ("f", "http", ["a.happened"], "'a.happened' has no contract"),
        ("f", "http:x", ["report.published"], "'http:x' is nothing to run on: write s3:<prefix>, iot:<topic>, http, a"),
        ("f", "reports", [], "'reports' is nothing to run on: write s3:<prefix>"),
        ("f", "a.happened", [], "'a.happened' has no contract: `herald new-event a.happened` writes one"),
        ("f", "reprt.published", [], "`herald new-event reprt.published` writes one; did you mean 'report.published'?"),
        ("f", "s3:x/", ["a.happened"], "'a.happened' has no contract: `herald new-event a.happened` writes one"),
        ("f", "nothing.json", [], "nothing.json cannot be read: No such file"),
        ("f", {"source": "shop"}, [], "is no event pattern: source: must be a list of values"),
        ("f", {}, [], "is no event pattern: the pattern is empty"),
        ("f", {"source": ["shop"]}, [], "names no detail-type, and no sample in events/ matches it"),
        (
            "f",
            {"topic": [{"prefix": "devices/"}]},
            [],
            "is of no event of a bus: events/aws.iot/iot_message.climate.json",
        ),
        ("f", {"topic": [{"prefix": "devices/"}]}, [], "no pattern is asked: write --on iot:devices/+/readings"),
        ("f", SPROUT | {"detail": {"x": [None]}}, [], "detail.x: null cannot be deployed: CDK drops it"),
        (
            "f",
            SPROUT | {"$or": [{"detail-type": ["a"]}, {"b": [1]}]},
            [],
            "detail-type: the pattern has two conditions for this field",
        ),
        ("f", nested(2_000), [], "is no event pattern: the pattern is nested too deeply"),
        ("f", {"detail-type": ["a.happened"]}, [], "'a.happened' has no contract"),
        ("f", {"source": ["shop"], "detail-type": ["Paid"]}, [], "'Paid' cannot be an event type: it must be dotted"),
        ("f", "s3:x/", ["Paid"], "'Paid' cannot be an event type: it must be dotted"),
        ("f", SPROUT | {"detail": {"x": [HOPELESS]}}, [], "detail.x: no value can be made"),
        (
            "f",
            {"detail-type": ["report.published"], "detail": {"data": {"tests": ["many"]}}},
            [],
            "breaks the contract of the event: tests: 'many' is not of type 'integer'. Write events/report.published/f",
        ),
        (
            "f",
            {"detail-type": ["report.published"], "detail": {"data": {"zzz": ["x"]}}},
            [],
            "asks for detail.data.zzz, and events/report.published/1.schema.json has no such field",
        ),
        (
            "f",
            {"detail-type": ["inventory.changed"], "detail": {"data": {"counts": {"aded": [1]}}}},
            [],
            "counts.aded, and events/inventory.changed/1.schema.json has no such field; did you mean 'added'?",
        ),
        ("f", {"detail-type": ["report.published"]}, ["report.published"], "can trigger the function itself: f → f"),
        ("f", "s3:sprout_echo/", ["report.published"], "can trigger the function itself: f → sprout_echo → f"),
    ],
)
def test_what_cannot_be_leaves_nothing_behind(
    plain: Path, name: str, on: str | dict[str, Any], emit: list[str], reason: str
) -> None:
    """The sentence says why, and what to do about it."""
    before = tree(plain)
    with pytest.raises((CommandError, SpecError)) as refused:
        add(plain, name, on, emit)
    assert reason in str(refused.value)
    assert tree(plain) == before


def test_json_that_is_nested_without_end_is_no_pattern(plain: Path) -> None:
    """One sentence, however deep."""
    file = plain / "deep.json"
    file.write_text('{"x": ' * 100_000, encoding="utf-8")
    with pytest.raises(CommandError, match=r"deep\.json is no JSON that can be read: it is nested too deeply"):
        new_function.new(plain, "f", on=str(file), emit=[], owner="newcomers")


def test_the_bytecode_of_one_that_is_gone_is_not_in_the_way(plain: Path) -> None:
    """Git leaves it behind where another branch has no such folder; only the owner is refused."""
    for folder in ("functions/f/__pycache__", "tests/unit/f/__pycache__"):
        (plain / folder).mkdir(parents=True)
        (plain / folder / "logic.cpython-313.pyc").touch()
    with pytest.raises(SpecError, match="owner"):
        new_function.new(plain, "f", on="s3:x/", emit=[], owner="")
    for folder in ("functions/f", "tests/unit/f"):
        shutil.rmtree(plain / folder)


def test_code_that_cannot_be_imported_is_not_synthesised(plain: Path) -> None:
    """One sentence with its file, instead of a worker that fails before it has a run."""
    handler = plain / "functions/sprout_echo/handler.py"
    handler.write_text("from functions.sprout_reply.logic import echo\n", encoding="utf-8")
    done = checkout.python(plain, "app.py")
    handler.unlink()
    sentence = "herald: functions/sprout_echo/handler.py:1: imports functions.sprout_reply.logic, but the worker has"
    assert (done.returncode, done.stderr[: len(sentence)], done.stderr.count("\n")) == (1, sentence, 1)


@pytest.mark.parametrize(
    ("owner", "reason"),
    [
        ('A "team"', "owner: 'A \"team\"' must be lowercase words"),
        ("x" * 200, "owner: 'x+… must be lowercase .*; it has 200"),
    ],
)
def test_an_owner_that_is_none_is_refused(plain: Path, owner: str, reason: str) -> None:
    """It names a stack; the declaration is checked as any other."""
    before = tree(plain)
    with pytest.raises(SpecError, match=f"functions/f/function.toml: {reason}"):
        new_function.new(plain, "f", on="s3:x/", emit=[], owner=owner)
    assert tree(plain) == before


@pytest.mark.parametrize(
    ("event_type", "reason"),
    [
        (
            "report.published",
            "write the next version of the contract to events/report.published/2.schema.json; `herald check --base",
        ),
        ("Published", "'Published' cannot be an event type"),
        ("published", "cannot be an event type: it must be dotted lower-case words, such as customer.created"),
        ("aws.s3", "not begin with 'aws.'"),
        ("a." + "b" * 63, "at most 64 characters"),
    ],
)
def test_a_type_that_cannot_be_is_refused(plain: Path, event_type: str, reason: str) -> None:
    """And one that is there is left as it is."""
    before = tree(plain)
    with pytest.raises(CommandError) as refused:
        new_contract.new(plain, event_type)
    assert reason in str(refused.value)
    assert tree(plain) == before
