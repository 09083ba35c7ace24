"""`herald explain` needs no AWS for a file or stdin, and prints the whole pattern with the clauses that fail."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from herald import cli
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.explanation import event_checks, explanation, offline_names
from infra.declarations import loader
from tests.events import cloud_event, object_created

BUCKET: Final = "herald-dev-storage-outputs1f2e3d4c-abc"
REPORT: Final = loader.sample("report.published/red")


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if a command selects a deployment."""

    def choose(**_: object) -> Deployment:
        raise AssertionError("it needs AWS")

    monkeypatch.setattr(Deployment, "choose", choose)


def run(*arguments: str, given: dict[str, Any]) -> Result:
    """Run the command on stdin."""
    return CliRunner().invoke(cli.app, ["explain", "-", *arguments], input=json.dumps(given))


def test_a_near_miss_is_shown_with_its_whole_pattern(tmp_path: Path) -> None:
    """The failing clause is marked, the guess of the bucket is stated, and the other functions are counted."""
    file = tmp_path / "event.json"
    file.write_text(json.dumps(object_created("report/a.xml", bucket=BUCKET)), encoding="utf-8")
    shown = CliRunner().invoke(cli.app, ["explain", str(file)]).stdout
    assert f"assumed without asking AWS: ${{bucket.outputs}} is {BUCKET}\n" in shown
    assert (
        "summarise_test_report nearly matches: detail.object.key: 'report/a.xml' does not start with 'reports/'; did "
        "you mean 'reports/a.xml'?\n"
        "├── ✓ source: 'aws.s3'\n"
        "├── ✓ detail-type: 'Object Created'\n"
        f"├── ✓ detail.bucket.name: '{BUCKET}'\n"
        "└── ✗ detail.object.key: starting with 'reports/': 'report/a.xml' does not start with 'reports/'\n" in shown
    )
    assert shown.endswith("other functions do not match: --all shows why\n")
    assert "onboard_customer" not in shown
    assert "onboard_customer does not match: " in CliRunner().invoke(cli.app, ["explain", str(file), "--all"]).stdout


def test_one_function_is_shown_also_if_it_does_not_match() -> None:
    """An unknown name has a suggestion."""
    shown = run("--function", "onboard_customer", given=REPORT)
    assert "onboard_customer does not match: source: " in shown.stdout
    assert "other function" not in shown.stdout
    with pytest.raises(CommandError, match="no function 'notfy' is declared; did you mean 'notify'"):
        explanation.offline(loader.load(), REPORT, "notfy")


def test_a_matching_function_rejects_an_event_that_breaks_its_contract() -> None:
    """The answer has the field and the rule, in JSON too."""
    broken = json.loads(json.dumps(REPORT))
    del broken["detail"]["data"]["tests"]
    shown = run(given=broken).stdout
    assert "it breaks its contract: report.published/1: data.tests is missing\n" in shown
    assert "notify matches, and rejects the event\n" in shown
    answer = json.loads(run("--json", given=broken).stdout)
    assert answer["event"]["contract"] == "report.published/1"
    assert answer["functions"][0]["function"] == "notify"
    assert answer["functions"][0]["matches"]
    assert "it satisfies its contract report.published/1\n" in run(given=REPORT).stdout


def test_an_unreadable_event_is_explained_too() -> None:
    """Its pattern may match, and the function rejects it."""
    broken = json.loads(json.dumps(REPORT))
    del broken["detail"]["id"]
    shown = run(given=broken).stdout
    assert "functions cannot read it: detail.id is missing\n" in shown
    assert "notify matches, and rejects the event\n" in shown


def test_the_version_of_a_contract_that_a_function_does_not_read_is_a_fault() -> None:
    """The runtime rejects such an event."""
    (spec,) = [each for each in loader.load() if each.name == "notify"]
    event, _ = event_checks.parsed(
        cloud_event(type="report.published", dataschema="herald:report.published/9", source="herald.x")
    )
    assert event
    assert event_checks.version_fault(spec, event) == "report.published/9: notify reads 1 only"


@pytest.mark.parametrize(
    ("source", "event_type", "fault"),
    [
        ("crm", "customer.created", None),
        ("aws.s3", "Object Created", None),
        ("herald.summarise_test_report", "report.published", None),
        (
            "herald.notify",
            "report.published",
            "notify may not emit 'report.published': its access.emit has no types",
        ),
        ("herald.notfy", "x.y", "no function has the source 'herald.notfy'; did you mean 'herald.notify'?"),
    ],
)
def test_a_source_of_a_function_needs_its_grant(source: str, event_type: str, fault: str | None) -> None:
    """The bus accepts it from no other sender."""
    assert event_checks.source_fault(loader.load(), source, event_type) == fault


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (BUCKET, BUCKET),
        ("herald-dev-storage-outputs1f2e-abc", "herald-dev-storage-outputs1f2e-abc"),
        ("outputs", "outputs"),
        ("acme.outputs", "acme.outputs"),
        ("herald-dev-storage-outputsarchive1f2e3d4c-abc", None),
        ("other", None),
    ],
)
def test_a_bucket_is_guessed_by_its_name(name: str, expected: str | None) -> None:
    """Without a similar name the placeholder stays in the pattern."""
    wanted = {"detail": {"bucket": {"name": ["${bucket.outputs}"]}}}
    names = offline_names.guessed(object_created(bucket=name), wanted)
    assert names.get("bucket.outputs") == expected
    shown = expected or "${bucket.outputs}"
    assert offline_names.resolved(wanted, names) == {"detail": {"bucket": {"name": [shown]}}}
