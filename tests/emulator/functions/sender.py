"""Sends webhooks to the deployed Function URL, and reads the events that reach the bus."""

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final

from herald.deployment import functions
from herald.deployment.queues import Hold
from herald.local import emulator
from tests.emulator.support.deployed import Aws
from tests.webhooks import PUSH, SIGNERS, body, sent_at

# The function compares the time in a GitHub body with the current time, so the payload has the current time.
PUSHED: Final = sent_at(PUSH, time.time())


class Sender:
    """Sends webhooks as a provider does, and reads the events that reach the bus."""

    def __init__(self, aws: Aws, queue: str, trust: ssl.SSLContext | None = None) -> None:
        """Keep the URL of the function and the queue of the events; `trust` is the context of a TLS endpoint."""
        self.url = functions.url(aws.deployment, aws.deployment.specs["receive_webhook"])
        self._aws, self._queue, self._trust = aws, queue, trust

    def post(self, path: str, content: bytes, headers: Mapping[str, str], method: str = "POST") -> tuple[int, Any]:
        """Send a request; return the status and the body of the answer."""
        asked = urllib.request.Request(  # noqa: S310 - a loopback address
            f"{self.url}{path}", content, {"Content-Type": "application/json", **headers}, method=method
        )
        try:
            with urllib.request.urlopen(asked, timeout=30, context=self._trust) as reply:  # noqa: S310 - a loopback address
                return reply.status, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def sign_and_post(self, provider: str, payload: object, **options: Any) -> tuple[int, Any]:  # noqa: ANN401 - the signers'
        """Sign a payload with the current time, and send it."""
        content = body(payload)
        options = options if provider == "github" else {"at": int(time.time())} | options
        return self.post(f"/{provider}", content, SIGNERS[provider](content, **options))

    def emitted(self, event_id: str) -> list[dict[str, Any]]:
        """Wait for CloudEvents with an id on the bus; return them."""
        found: list[dict[str, Any]] = []

        def arrived() -> bool:
            with Hold(self._aws.deployment.client("sqs"), self._queue) as hold:
                messages = [message for batch in hold.batches() for message in batch]
            found[:] = [json.loads(message["Body"])["detail"] for message in messages]
            return any(event["id"] == event_id for event in found)

        assert emulator.wait_until(arrived, 30), found
        return [event for event in found if event["id"] == event_id]


def put_keys(aws: Aws, keys: Mapping[str, Any]) -> None:
    """Replace the keys in the secret."""
    secret = aws.deployment.names["secret.webhooks"]
    aws.deployment.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(keys))
