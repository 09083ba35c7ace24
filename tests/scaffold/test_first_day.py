"""Mistakes of a first day, in a copy of this repository, and what the command line and the synthesis say of them."""

import json
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

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
            "functions/summarise_test_report/function.toml: trigger.pattern: detail.object.key: an object can have on",
        ),
    ],
)
def test_a_fault_is_reported_with_its_own_file(root: Path, file: str, old: str, new: str, reason: str) -> None:
    """The same sentence from `herald check` and from synthesis, with what to write."""
    with changed(root / file, old, new):
        (sentence,) = check(root)
        assert sentence.startswith(reason)
        assert synthesis(root) == sentence


BUCKETS: Final = """
[bucket.inbox]
[bucket.landing]
existing = "acme-landing"
"""


@pytest.fixture(scope="module")
def buckets(root: Path) -> Path:
    """Add two buckets to the platform, one of which exists already."""
    file = root / "infra" / "resources.toml"
    file.write_text(file.read_text(encoding="utf-8") + BUCKETS, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("name", "bucket", "prefix", "to"),
    [
        ("sprout_inbox", "inbox", "in/", "s3:inbox/in/"),
        ("sprout_landing", "landing", "crm/daily/", "s3:landing/crm/daily/"),
        ("sprout_deep", "outputs", "a/b/", "a/b/"),
        ("sprout_named", "outputs", "landing/", "landing/"),
        ("sprout_under", "outputs", "landing/in/", "s3:outputs/landing/in/"),
    ],
)
def test_a_function_runs_on_any_bucket(buckets: Path, name: str, bucket: str, prefix: str, to: str) -> None:
    """Its pattern, its grant and its sample name the bucket; its tests pass, and the command that runs it is told."""
    done = checkout.python(buckets, *HERALD, "new", name, "--on", f"s3:{bucket}/{prefix}", "--owner", "newcomers")
    assert done.returncode == 0, done.stderr
    assert f"herald send events/aws.s3/object_created.{name}.object --to {to}`" in done.stdout
    assert ("The bucket acme-landing exists already: on AWS, turn its" in done.stdout) is (bucket == "landing")
    declared = tomllib.loads((buckets / "functions" / name / "function.toml").read_text(encoding="utf-8"))
    assert declared["trigger"]["pattern"]["detail"] == {
        "bucket": {"name": [f"${{bucket.{bucket}}}"]},
        "object": {"key": [{"prefix": prefix}]},
    }
    assert declared["access"]["read"] == [f"bucket.{bucket}/{prefix}*"]
    done = checkout.python(buckets, *HERALD, "test", name)
    assert done.returncode == 0, done.stdout
    assert checkout.python(buckets, *HERALD, "check").returncode == 0


PAGE: Final = "functions/page_on_alarm"
FIELD: Final = "quiet_minutes: int = 15\n"


@pytest.mark.parametrize(
    ("field", "said", "reason"),
    [
        (
            FIELD,
            "quite_minutes = 15",
            "settings.quite_minutes is not a field of Settings in {model}; did you mean 'quiet_",
        ),
        (FIELD, 'quiet_minutes = "15"', "settings.quiet_minutes is '15', but Settings in {model} needs int"),
        (f"{FIELD}    pager: str\n", "quiet_minutes = 15", "settings.pager is missing: Settings in {model} has no "),
    ],
)
def test_settings_that_do_not_fit_are_refused_before_they_are_deployed(
    root: Path, field: str, said: str, reason: str
) -> None:
    """By `herald check` and by synthesis alike, in one sentence."""
    with (
        changed(root / PAGE / "model.py", FIELD, field),
        changed(root / PAGE / "function.toml", "quiet_minutes = 15", said),
    ):
        (sentence,) = check(root)
        assert sentence.startswith(f"{PAGE}/function.toml: {reason.format(model=f'{PAGE}/model.py')}")
        assert synthesis(root) == sentence


SETTINGS: Final = """

@dataclass(frozen=True)
class Settings:
    \"""Whom to tell, and how often.\"""

    people: list[str]
    minutes: int
"""


@pytest.mark.parametrize(
    ("name", "trigger"), [("sprout_settings", "customer.onboarded"), ("sprout_reader", "s3:outputs/settings/")]
)
def test_tests_of_a_function_have_its_declared_settings(root: Path, name: str, trigger: str) -> None:
    """All tests of a function use the settings of its function.toml, also those for functions that read objects."""
    done = checkout.python(root, *HERALD, "new", name, "--on", trigger)
    assert done.returncode == 0, done.stderr
    folder = root / "functions" / name
    handler, model = ((folder / file).read_text(encoding="utf-8") for file in ("handler.py", "model.py"))
    read = (
        "    settings = run.settings(model.Settings)\n    assert (settings.people, settings.minutes) == (['ada'], 5)\n"
    )
    at = handler.rindex('"""\n') + 4
    handler = f"{handler[:at]}{read}{handler[at:]}".replace(
        "\nfrom ", f"\nfrom functions.{name} import model\nfrom ", 1
    )
    (folder / "handler.py").write_text(handler, encoding="utf-8")
    (folder / "model.py").write_text(model + SETTINGS, encoding="utf-8")
    with changed(folder / "function.toml", "\n[trigger]", "\n[settings]\npeople = ['ada']\nminutes = 5\n\n[trigger]"):
        done = checkout.python(root, *HERALD, "test", name)
        assert done.returncode == 0, done.stdout
    done = checkout.python(root, *HERALD, "test", name)
    assert (done.returncode, done.stdout) == (1, "")  # no test runs
    assert done.stderr.startswith(f"herald: functions/{name}/function.toml: settings.people is missing")
    shutil.rmtree(folder)


def test_a_new_version_of_a_contract_names_who_does_not_read_it(root: Path) -> None:
    """Step by step: the version, its sample, the consumer; a function that is new by then reads both."""
    for command in (("new-event", "sprout.totalled"), ("new", "warn_big_sprout", "--on", "sprout.totalled")):
        done = checkout.python(root, *HERALD, *command)
        assert done.returncode == 0, done.stderr
    folder = root / "events" / "sprout.totalled"
    renamed = (folder / "1.schema.json").read_text(encoding="utf-8").replace('"summary"', '"title"')
    (folder / "2.schema.json").write_text(renamed, encoding="utf-8")
    unsampled, unread = check(root)
    assert unsampled.startswith(
        "events/sprout.totalled/2.schema.json: this version has no sample: write events/sprout."
    )
    assert (
        "function.toml: warn_big_sprout reads only version 1 of sprout.totalled, so it would reject version 2" in unread
    )
    sample = (folder / "example.json").read_text(encoding="utf-8")
    sample = sample.replace('"summary"', '"title"').replace("sprout.totalled/1", "sprout.totalled/2")
    (folder / "second.json").write_text(sample, encoding="utf-8")
    assert check(root) == [unread]
    done = checkout.python(root, *HERALD, "new", "sprout_later", "--on", "sprout.totalled")
    assert done.returncode == 0, done.stderr
    assert checkout.python(root, *HERALD, "test", "sprout_later").returncode == 0
    declared = root / "functions" / "warn_big_sprout" / "function.toml"
    with changed(declared, '"sprout.totalled/example"', '"sprout.totalled/example", "sprout.totalled/second"'):
        assert checkout.python(root, *HERALD, "check").returncode == 0
        done = checkout.python(root, *HERALD, "test", "warn_big_sprout")
        assert (done.returncode, "summary is missing" in done.stdout) == (1, True)  # its handler still reads one
    for name in ("warn_big_sprout", "sprout_later"):
        shutil.rmtree(root / "functions" / name)
    shutil.rmtree(folder)
