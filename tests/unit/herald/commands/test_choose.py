"""How a command selects AWS or the local AWS, and its message when neither is available."""

import json
import os
from importlib import metadata
from pathlib import Path
from unittest.mock import Mock

import boto3
import psutil
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from typer.testing import CliRunner, Result

from herald import cli
from herald.deployment import environments
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.local import emulator


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the emulator's state in a directory of the test."""
    monkeypatch.setattr(emulator, "STATE", tmp_path)
    return tmp_path


@pytest.fixture
def no_aws(state: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the state of a machine without credentials, region and local AWS."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return state


def ask(*options: str) -> Result:
    """Run `herald why` for a subject."""
    return CliRunner().invoke(cli.app, ["why", "customer/42", *options])


def run_local(state: Path) -> None:
    """Let this process pass for a running local AWS, which answers nothing."""
    here = {"pid": os.getpid(), "started": psutil.Process().create_time(), "endpoint": "http://127.0.0.1:9"}
    (state / "emulator.json").write_text(json.dumps(here), encoding="utf-8")


@pytest.mark.usefixtures("no_aws")
@pytest.mark.parametrize("env", ["dev", "prod"])
def test_with_nothing_to_act_on_both_ways_are_named(env: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No local AWS, and no credentials or no region: the sentence says which is missing and how to get either."""
    local_way = "; the local AWS is not running: start it with `herald local up`"
    assert str(ask("--env", env).exception) == (
        f"no AWS credentials found: set AWS_PROFILE or use --profile{local_way}"
    )
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    assert str(ask("--env", env).exception) == f"no AWS region is set: set AWS_REGION or use --region{local_way}"
    assert "the local AWS is not running" in str(ask("--env", env, "--local").exception)


def test_only_dev_takes_the_local_aws_unasked(no_aws: Path) -> None:
    """Which one is asked stands on stderr, before anything else can fail; another environment needs --local."""
    run_local(no_aws)
    for options in ([], ["--local"]):
        assert ask(*options).stderr == "local AWS, environment dev\n"
    assert ask("--env", "prod", "--local").stderr == "local AWS, environment prod\n"
    refused = ask("--env", "prod")
    assert (refused.exit_code, refused.stdout, refused.stderr) == (1, "", "")
    assert str(refused.exception) == (
        "no AWS credentials found: set AWS_PROFILE or use --profile, or use --local for the local AWS"
    )
    both = ask("--local", "--region", "eu-west-1")
    assert "--local cannot be combined with --profile or --region" in str(both.exception)


@pytest.mark.parametrize("options", [("--env", "prod"), ("--env", "dev", "--region", "eu-west-1")])
def test_aws_is_named_by_account_and_region(
    no_aws: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """Credentials of the environment are enough; the local AWS is not asked, though it runs."""
    run_local(no_aws)
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "eu-west-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(Deployment, "stack_outputs", Mock(side_effect=CommandError("no stack")))
    with mock_aws():
        asked = ask(*options)
    assert asked.stderr == f"AWS account 123456789012 in eu-west-1, environment {options[1]}\n"
    assert str(asked.exception) == "no stack"


def test_credentials_that_aws_refuses_are_named(no_aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any other call fails for a reason that says less."""
    assert no_aws
    stub = Stubber(boto3.client("sts", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"))  # noqa: S106 - a stub's
    stub.add_client_error("get_caller_identity", "ExpiredToken", "The security token is expired")
    monkeypatch.setattr(Deployment, "_make_client", lambda *_: stub.client)
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    with stub:
        refused = ask("--region", "eu-west-1")
    assert str(refused.exception).startswith("AWS in eu-west-1 rejects the credentials: ")
    assert "The security token is expired" in str(refused.exception)


@pytest.mark.usefixtures("no_aws")
@pytest.mark.parametrize("options", [(), ("--local",), ("--region", "eu-west-1")])
def test_an_environment_that_cdk_json_does_not_declare_is_refused(options: tuple[str, ...]) -> None:
    """Before credentials are looked for: the message names the environment and the declared ones."""
    refused = ask("--env", "staging", *options)
    assert (refused.exit_code, refused.stdout, refused.stderr) == (1, "", "")
    assert str(refused.exception) == "cdk.json has no environment 'staging'; there are dev, prod"


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"context": {"environments": []}}'])
def test_a_cdk_json_without_environments_refuses_none(tmp_path: Path, content: str | None) -> None:
    """`herald check` and the synthesis report the fault of the file."""
    if content is not None:
        (tmp_path / "cdk.json").write_text(content, encoding="utf-8")
    environments.check("staging", tmp_path)


def test_the_version_is_printed() -> None:
    """It is the version of the package."""
    told = CliRunner().invoke(cli.app, ["--version"])
    assert (told.exit_code, told.stdout) == (0, f"herald {metadata.version('herald')}\n")
