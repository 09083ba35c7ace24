"""The environments in cdk.json: every key has a type, and an error names the key and its allowed values."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from infra.constructs import environment  # before aws_cdk: infra.constructs sets the path of Node.js
from infra.constructs.environment import RETENTIONS, Environment
from infra.declarations.loader import ROOT
from infra.declarations.spec import SpecError

from aws_cdk.aws_logs import RetentionDays  # isort: skip

CONTEXT: Final[dict[str, Any]] = json.loads((ROOT / "cdk.json").read_bytes())["context"]


def read(chosen: str | None = None, **changed: object) -> Environment:
    """Read the environments of this repository with keys of prod changed, or removed if the value is None."""
    prod = {key: each for key, each in (CONTEXT["environments"]["prod"] | changed).items() if each is not None}
    return Environment.read(CONTEXT | {"environments": CONTEXT["environments"] | {"prod": prod}}, chosen)


def test_the_retentions_are_those_of_the_cdk() -> None:
    """They are in the order of the CDK, the shortest first."""
    assert tuple(each.name for each in RetentionDays) == RETENTIONS


def test_the_default_environment_is_dev() -> None:
    """`-c env=prod` selects prod."""
    assert (read().name, read("prod").journal_days) == ("dev", 90)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"log_retention": "20_DAYS"},
            "environments.prod.log_retention is '20_DAYS'; it must be one of ONE_DAY, THREE_DAYS, FIVE_DAYS, ONE_WEEK",
        ),
        ({"log_retention": 14}, "environments.prod.log_retention must be a text, not 14"),
        ({"log_level": "WARN"}, "environments.prod.log_level is 'WARN'; it must be one of DEBUG, INFO, WARNING, ERROR"),
        (
            {"removal_policy": "retian"},
            "environments.prod.removal_policy is 'retian'; it must be one of destroy, retain; did you mean 'retain'?",
        ),
        ({"journal_days": 0}, "environments.prod.journal_days is 0; it must be between 1 and 3650"),
        ({"journal_days": "90"}, "environments.prod.journal_days must be a whole number, not '90'"),
        ({"old_version_days": -1}, "environments.prod.old_version_days is -1; it must be between 1 and 3650"),
        ({"old_version_days": True}, "environments.prod.old_version_days must be a whole number, not true"),
        ({"lambda_concurrency": 0}, "environments.prod.lambda_concurrency is 0; it must be between 10 and 1000000"),
        (
            {"runbook": "our runbook"},
            "environments.prod.runbook: 'our runbook' must be an address without spaces and #",
        ),
        ({"log_level": None}, "environments.prod.log_level is missing"),
        ({"log_levl": "INFO"}, "unknown key 'log_levl' in [environments.prod]; did you mean 'log_level'?"),
        ({"name": "x"}, "unknown key 'name' in [environments.prod]"),
    ],
)
def test_a_fault_in_any_environment_is_found_in_dev(changed: dict[str, object], reason: str) -> None:
    """A fault in prod is reported before dev is deployed."""
    with pytest.raises(SpecError) as refused:
        read("dev", **changed)
    assert str(refused.value).startswith(f"cdk.json: {reason}")


@pytest.mark.parametrize(
    ("context", "chosen", "reason"),
    [
        ({}, "prd", "there is no environment 'prd'; did you mean 'prod'?"),
        ({"environments": None}, None, "environments must be a table, not null"),
        ({"environments": {"dev": []}}, None, "environments.dev must be a table, not []"),
        ({"environments": {"my-dev": {}}}, "my-dev", "environments.my-dev: a name has 1 to 16 lower-case letters and"),
        (
            {"architecture": "x86"},
            None,
            "architecture is 'x86'; it must be one of arm64, x86_64; did you mean 'x86_64'?",
        ),
    ],
)
def test_an_invalid_environment_is_refused(context: dict[str, Any], chosen: str | None, reason: str) -> None:
    """A table is required in each place, and names have a form."""
    with pytest.raises(SpecError) as refused:
        Environment.read(CONTEXT | context, chosen)
    assert str(refused.value).startswith(f"cdk.json: {reason}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "cdk.json: Expecting property name"),
        ("[]", "cdk.json: the file must be a table, not []"),
        ('{"context": 1}', "cdk.json: context must be a table, not 1"),
        ('{"context": {"environments": {}}}', "cdk.json: there is no environment 'dev'"),
    ],
)
def test_a_file_without_environments_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    """`herald check` reads the file without the CDK."""
    (tmp_path / "cdk.json").write_text(content, encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        environment.check(tmp_path)
    assert str(refused.value).startswith(reason)
