"""What `herald new` and `herald new-event` write passes every check as it is.

All names here are such that no team is likely to have taken them.
"""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from herald.scaffold import new_contract, new_function
from infra.declarations import loader, naming
from infra.declarations.loader import ROOT
from tests import checkout

SPROUT: Final = {
    "source": ["aws.sprout"],
    "detail-type": ["Sprout State Change"],
    "detail": {
        "plantName": [{"prefix": "herald-"}],
        "state": ["FAILED"],
        "progress": {"percentDone": [{"numeric": [">", 5, "<=", 10]}], "message": [{"exists": False}]},
    },
}
REDDEST: Final = {
    "source": [{"prefix": "herald."}],
    "detail-type": ["report.published"],
    "detail": {"data": {"failures": [{"numeric": [">", 100]}]}},
}
UPGRADE: Final = {"detail-type": ["inventory.changed"], "source": [{"prefix": "herald."}]}
TEMPORARY: Final = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {"object": {"key": [{"suffix": ".tmp"}]}, "source-ip-address": [{"cidr": "10.0.0.0/8"}]},
}
TEMPLATES: Final = [
    f"tests/infrastructure/{subject}.py"
    for subject in (
        "test_templates",
        "test_storage",
        "test_functions",
        "test_queues",
        "test_endpoints",
        "test_journal_stack",
        "access/test_roles",
        "access/test_secrets",
    )
]
HERALD: Final = ("-c", "from herald.cli import main; main()")
LONG_NAME: Final = "a_sprout_whose_name_is_as_long_as_names_can_be"[: naming.NAME_LENGTH].rstrip("_")
LONG_TYPE: Final = "sprout." + "g" * (new_contract.TYPE_LENGTH - len("sprout."))
# By the name of the function: what it runs on, and what it emits.
NEW: Final[dict[str, tuple[str | dict[str, Any], list[str]]]] = {
    "sprout_lines": ("s3:sprouts/", []),
    "sprout_texts": ("s3:sprouts \"of\" \\ 'all' ünïcödé", ["sprout.grown", "report.published"]),
    LONG_NAME: ("s3:" + "p" * 512, ["sprout.grown"]),
    "sprout_status": ("iot:sprouts/+/status", []),
    "sprout_topics": ('iot:/+/"ünïcödé" ☃/#', ["sprout.grown", "report.published"]),
    "sprout_requests": ("http", ["sprout.grown"]),
    f"b{LONG_NAME[1:]}": ("http", [LONG_TYPE]),
    "sprout_hears": ("sprout.grown", []),
    "sprout_hears_too": ("sprout.grown", []),  # a name that begins with another's
    "sprout_audit": ("report.published", ["sprout.audited"]),
    "sprout_on_aws": (SPROUT, []),
    "sprout_on_reddest": (REDDEST, ["sprout.audited"]),
    "sprout_on_upgrade": (UPGRADE, []),
    "sprout_on_temporary": (TEMPORARY, []),
    "sprout_on_deleted": ({"source": ["aws.s3"], "detail-type": ["Object Deleted"]}, []),
}


def add(root: Path, name: str, on: str | dict[str, Any], emit: list[str]) -> None:
    """Add a function that runs on a trigger or, when it is a pattern, on a file of it."""
    if isinstance(on, dict):
        file = root / "wanted.json"
        file.write_text(json.dumps(on), encoding="utf-8")
        on = str(file)
    new_function.new(root, name, on=on, emit=emit, owner="newcomers")


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the repository, and add two contracts and a function for each kind of trigger."""
    root = checkout.copy(tmp_path_factory.mktemp("grown"))
    for event_type in ("sprout.grown", "sprout.audited", LONG_TYPE):
        new_contract.new(root, event_type)
    for name, (on, emit) in NEW.items():
        add(root, name, on, emit)
    return root


def paths(parent: str) -> list[str]:
    """Return the folders of the new functions, or of their tests."""
    return [f"{parent}/{name}" for name in NEW]


def test_new_functions_are_clean(grown: Path) -> None:
    """Formatted, linted with every rule, and with types that hold."""
    cache = ROOT / ".mypy_cache" / "new"  # of the libraries: most of the time goes into them
    new = [*paths("functions"), *paths("tests/unit")]
    for tool in (["ruff", "format", "--check"], ["ruff", "check"], ["mypy", "--cache-dir", str(cache)]):
        done = checkout.python(grown, "-m", *tool, *new)
        assert done.returncode == 0, done.stdout


def test_new_functions_pass_all_tests(grown: Path) -> None:
    """Their own tests, and the contract, architecture and template tests.

    The tests of objects run for the new functions alone, and those of memory, which take a process each, for one of
    them: all new functions read objects with the same code.
    """
    suites = ["tests/contract", "tests/architecture", *TEMPLATES, *paths("tests/unit")]
    concerned = "(sprout and not test_memory) or sprout_texts or not (test_memory or test_objects)"
    done = checkout.python(grown, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", concerned, *suites)
    assert done.returncode == 0, done.stdout


def test_editors_find_the_schema_of_a_new_declaration(grown: Path) -> None:
    """It is named in the first line, as Taplo reads it."""
    for folder in paths("functions"):
        first, *_ = (grown / folder / "function.toml").read_text(encoding="utf-8").splitlines()
        assert (grown / folder / first.removeprefix("#:schema ")).resolve() == grown / "functions/function.schema.json"


def test_a_new_function_for_requests_reads_no_keys_of_others(grown: Path) -> None:
    """Its secret is its own."""
    read = {spec.name: [str(each) for each in spec.secrets.values()] for spec in loader.load(grown)}
    answering = [name for name, (on, _) in NEW.items() if on == "http"]
    assert [read[name] for name in answering] == [["secret.own"]] * len(answering)


def test_herald_check_finds_nothing_in_them(grown: Path) -> None:
    """Declarations, contracts, samples and code agree."""
    done = checkout.python(grown, *HERALD, "check")
    assert done.returncode == 0, done.stdout


def test_a_sample_made_up_for_a_pattern_matches_it(grown: Path) -> None:
    """A sample there was is taken; others are made, for AWS with the beginning of a contract."""
    samples = {spec.name: spec.trigger.samples for spec in loader.load(grown)}
    assert samples["sprout_on_upgrade"][0].startswith("inventory.changed/")
    assert samples["sprout_on_reddest"] == ("report.published/sprout_on_reddest",)
    assert samples["sprout_on_temporary"] == ("aws.s3/object_created.sprout_on_temporary",)
    failed = loader.sample(samples["sprout_on_aws"][0], grown)["detail"]
    assert (failed["state"], failed["progress"]) == ("FAILED", {"percentDone": 6})
    begun = json.loads((grown / "events/aws.sprout/sprout_state_change.1.schema.json").read_bytes())
    assert begun["properties"]["plantName"] == {"type": "string"}


def test_a_pattern_is_written_into_the_declaration(grown: Path) -> None:
    """As TOML that says the same, so that a team edits one file."""
    patterns = {name: on for name, (on, _) in NEW.items() if isinstance(on, dict)}
    assert {spec.name: spec.trigger.pattern for spec in loader.load(grown) if spec.name in patterns} == patterns


def test_herald_test_runs_what_concerns_one_function(grown: Path) -> None:
    """Its own tests and its part of those for all; the exit code is pytest's."""
    command = (*HERALD, "test", "sprout_audit")
    done = checkout.python(grown, *command)
    assert done.returncode == 0, done.stdout
    assert "deselected" in done.stdout
    logic = grown / "functions" / "sprout_audit" / "logic.py"
    kept = logic.read_text(encoding="utf-8")
    logic.write_text(kept.replace("report.published: ", "nothing: "), encoding="utf-8")
    done = checkout.python(grown, *command)
    logic.write_text(kept, encoding="utf-8")
    assert done.returncode == 1
    assert "test_the_line_has_the_type_and_the_subject" in done.stdout
