"""A function behind a Function URL, in memory: tests send requests and read answers, events and log lines."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from functions.runtime.core import aws
from functions.runtime.http import secret_store
from tests.webhooks import KEYS, SENDERS

if TYPE_CHECKING:
    from tests.unit.runtime.conftest import World

type LambdaHandler = Callable[[Mapping[str, Any], Any], dict[str, Any]]


@cache
def vault() -> Any:  # noqa: ANN401 - boto3 creates client classes at run time
    """Return one client for all tests: a new one takes a tenth of a second."""
    return boto3.client("secretsmanager", config=aws.CONFIG)


class Context:
    """Lambda's context of an invocation; `left_ms` is its remaining time."""

    aws_request_id = "request-1"
    function_name = "f"
    left_ms = 10_000

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time of the invocation."""
        return self.left_ms


class Front:
    """Sends requests to a handler, and returns its effects."""

    def __init__(self, world: "World", capsys: pytest.CaptureFixture[str]) -> None:
        """Create the secret with the published keys."""
        self.world = world
        self.context: Any = Context()
        self.printed = ""
        self._capsys = capsys
        vault().create_secret(Name="webhooks", SecretString=json.dumps(KEYS))

    def put_secret(self, text: str) -> None:
        """Change the secret, as in a key rotation."""
        vault().put_secret_value(SecretId="webhooks", SecretString=text)

    def send(self, handle: LambdaHandler, event: Mapping[str, Any]) -> tuple[int, Any]:
        """Return the status of the answer, and its body read as JSON."""
        response = handle(event, self.context)
        return response["statusCode"], json.loads(response["body"] or "null")

    def emitted(self) -> list[dict[str, Any]]:
        """Return the CloudEvents on the bus since the last call."""
        return self.world.emitted()

    def output(self) -> str:
        """Return the output since the last call."""
        return self._capsys.readouterr().out

    def lines(self) -> list[dict[str, Any]]:
        """Return the log lines since the last call; `printed` then has the whole output."""
        self.printed = self.output()
        return [line for line in map(json.loads, self.printed.splitlines()) if "level" in line]


@pytest.fixture
def front(world: "World", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Front]:
    """Set the environment of a function with [trigger.http]."""
    variables = {
        "SECRET_WEBHOOKS": "webhooks",
        "MAX_BODY_KB": "256",
        "EMITS": "build.finished,code.pushed,customer.created",
        "SENDERS": json.dumps(SENDERS),
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"HERALD_{name}", value)
    monkeypatch.setattr(secret_store, "SecretsProvider", partial(SecretsProvider, boto3_client=vault()))
    secret_store.secrets.cache_clear()
    yield Front(world, capsys)
    secret_store.secrets.cache_clear()
